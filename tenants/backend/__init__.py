"""django-tenants' database backend, entered with the school's own database role."""
