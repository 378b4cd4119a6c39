"""Tests of dashboards/own."""
