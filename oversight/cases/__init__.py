"""The bureau's desk: plan filings of the schools, answered through the exchange; later the 督办 cases."""
