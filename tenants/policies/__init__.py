"""The rules that a school runs under on a day: document, check, ready profiles, adopting, asking."""
