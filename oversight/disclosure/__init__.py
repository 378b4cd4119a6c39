"""What the public may see: counts that point at no child, published tables, the costs of the schools (晒成本)."""
