"""Tests of what the city hides of counts of children, and attacks on it."""
