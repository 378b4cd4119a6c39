"""Tests of the bureau's desk of complaints."""
