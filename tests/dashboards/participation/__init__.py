"""Tests of dashboards/participation."""
