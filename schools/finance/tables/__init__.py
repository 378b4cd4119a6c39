"""Lists of the books, one file a subject. Amounts are right-aligned, the unit stands in the header."""
