"""The rules that a school runs under on a day: their document, its check, ready profiles, who adopts and who asks."""
