"""Indicators: frames (load) → measures (pure) → queries. What each figure means stands in the catalogue, once."""
