"""Embedded PostgreSQL and Redis, and the processes of `afterbell up`."""
