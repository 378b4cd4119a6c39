"""Tests of the page that explains the indicators."""
