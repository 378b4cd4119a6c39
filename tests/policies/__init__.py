"""Tests of the policy profiles and the school calendar."""
