"""The catalogue of indicators as a page: what each figure means, and what it is now."""
