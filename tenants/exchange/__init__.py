"""The one counter between a school and the city: typed envelopes that can't hold a child's name."""
