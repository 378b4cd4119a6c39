"""Tests of the fleet: opening schools, migrating them, the lists and commands around it."""
