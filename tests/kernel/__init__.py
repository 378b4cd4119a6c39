"""Tests of the ground floor: money, states, dates, field classes, logs."""
