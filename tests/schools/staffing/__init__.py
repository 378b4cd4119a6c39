"""Tests of candidates, checks, contracts and clearance."""
