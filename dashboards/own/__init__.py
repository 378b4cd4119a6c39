"""The school's view of itself, as the city sees it."""
