"""Tests: people and sentences, on real PostgreSQL and Redis."""
