"""Template tags of people: phones and devices."""
