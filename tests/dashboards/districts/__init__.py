"""Tests of dashboards/districts."""
