"""The bureau's register of approved organisations: approve, revoke, read (S26); the rows are the tenants' own."""
