"""Inside one school, and of no other: the rooms in the order in which a term flows."""
