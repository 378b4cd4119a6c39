"""Pages and charts of the city and of one school. They read what others keep, and write nothing."""
