"""What changed in this school, marked in the action's own transaction; one table in every school."""
