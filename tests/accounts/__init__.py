"""Tests of the accounts: roles, doors, login, lock-out, administration."""
