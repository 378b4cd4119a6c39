"""What people see: base templates, components, static files, error pages, documents. No tables."""
