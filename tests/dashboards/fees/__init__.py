"""Tests of dashboards/fees."""
