"""A city of any size for the benchmarks: schools whose rows pass every constraint, and the city's facts of three terms."""
