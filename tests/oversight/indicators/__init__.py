"""Tests of the indicators: each against hand-written SQL, chance against worked numbers, roll-ups against each other."""
