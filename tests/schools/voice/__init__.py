"""Tests of surveys with answers apart from identities, and of complaints with deadlines."""
