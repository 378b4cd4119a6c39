"""Pages of the books, of a family's bills, and of what everybody may read."""
