"""Template tags of care."""
