"""Tests of the rooms of a school."""
