"""Commands of the people of a school."""
