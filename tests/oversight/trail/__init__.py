"""Tests of the audit administrator's desk."""
