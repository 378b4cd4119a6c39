"""One district: its figures against the city, its schools, its alerts."""
