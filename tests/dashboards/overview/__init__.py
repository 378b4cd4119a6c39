"""Tests of dashboards/overview."""
