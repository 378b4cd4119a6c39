"""Tests of the bureau's register of approved organisations."""
