"""Tests of dashboards/schoolpage."""
