"""Tests of the embedded servers, the launcher and the settings."""
