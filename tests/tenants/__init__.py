"""Tests of the tenants: the door, the fleet, the register."""
