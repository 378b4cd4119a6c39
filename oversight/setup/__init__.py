"""What a city sets up before its schools can work: districts, terms, calendar, rules; pages for its system administrator."""
