"""What schools report to the bureau beside their filings: read, and noted with a word that the school sees (S33)."""
