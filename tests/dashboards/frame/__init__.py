"""Tests of dashboards/frame."""
