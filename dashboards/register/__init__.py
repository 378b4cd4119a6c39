"""The city's register of schools: who they are, where, and whether their system is in order."""
