"""The pages of a city's set-up."""
