"""Pupils, guardians, classes and staff: the ground that every other room of a school stands on."""
