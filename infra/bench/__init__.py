"""The benchmarks: each works in a database of its own, checks what it did and only then reports a time."""
