"""Tests of the parents' committee: seats, votes, resolutions, their pages and API."""
