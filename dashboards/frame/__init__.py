"""What every dashboard shares: the filters of the address, the top bar, cards with one question each, and their files."""
