"""Pages and charts of the city: same numbers everywhere, right scope, few questions to the database, small pages."""
