"""Surveys with one-time invitations, and complaints with deadlines."""
