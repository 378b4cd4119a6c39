"""Tests of the counter between school and city, and of the bureau's filing desk."""
