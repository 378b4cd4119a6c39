"""Reports from schools to the bureau."""
