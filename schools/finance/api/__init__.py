"""The API of the books, one file a subject: the same rights and the same actions as the pages."""
