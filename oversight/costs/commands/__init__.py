"""Commands of the price bureau's desk."""
