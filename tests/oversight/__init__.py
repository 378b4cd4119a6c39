"""Tests of what the city sees."""
