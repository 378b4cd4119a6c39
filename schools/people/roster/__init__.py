"""Roster import: an .xlsx as schools keep it → checked lines → a plan of changes → one transaction."""
