"""What people see: components, error pages, documents, words, static files."""
