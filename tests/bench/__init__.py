"""The benchmarks, very small: they measure what they say, and a wrong result is never reported as a time."""
