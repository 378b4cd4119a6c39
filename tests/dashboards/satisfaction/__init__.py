"""Tests of dashboards/satisfaction."""
