"""Costs of the schools as the price bureau reads them: similar schools, the summary, its files."""
