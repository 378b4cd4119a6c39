"""Notices, letters home and their receipts: what the school tells its families, and who has read it."""
