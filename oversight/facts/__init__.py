"""Facts of three grains, asked of one school at a time and kept in the public schema."""
