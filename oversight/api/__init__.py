"""The city's figures for programs: terms, districts, schools, indicators and their figures, with the rights of the pages."""
