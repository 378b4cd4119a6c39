"""Tokens of the city's systems: a key with which a program reads the API in the name of one user."""
