"""The fleet of schemas: one template migrated by Django, schools opened and migrated by replay of it."""
