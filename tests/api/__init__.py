"""Tests of the city's API of figures."""
