"""The demo city: plausible, seeded, and the same at every run."""
