"""Tests of rooms, sessions, roll, handover, operations, duties and incidents."""
