"""Filters of the pages of people."""
