"""Complaints: how many for the size of a school, answered in time, overdue, and which schools lie outside of chance."""
