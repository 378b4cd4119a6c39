"""Afterbell's platform: settings, wiring and the floors that every room of the house stands on."""
