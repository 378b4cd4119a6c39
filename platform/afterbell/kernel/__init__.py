"""The ground floor: money, states, refusals, keys, field classes. No tables; it knows nobody above it."""
