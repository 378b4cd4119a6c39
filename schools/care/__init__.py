"""Rooms, sessions, roll, handover and incidents: the hours in which a child is in our care."""
