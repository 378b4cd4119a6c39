"""Sample files for trying things out: made by scripts, everybody in them invented."""
