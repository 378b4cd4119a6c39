"""What the templates of notices need."""
