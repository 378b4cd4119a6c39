"""Who the schools are: districts, schools, hosts, calendar, policy profiles, and the one door into a school."""
