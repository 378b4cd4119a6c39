"""Tests of dashboards/complaints."""
