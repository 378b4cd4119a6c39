"""Tests of the tokens of the city's systems."""
