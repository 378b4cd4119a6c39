"""Tests of people: roster import, pupils, adults and their rights."""
