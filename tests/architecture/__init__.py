"""Tests of the house itself: its floors, names and promises that no single room can break."""
