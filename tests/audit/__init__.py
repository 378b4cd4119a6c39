"""Tests of the audit log: the chain in the database, and the verifier of its export."""
