"""The heads of all audit chains, kept in the city: a school can't rewrite what it did unseen (architecture §7)."""
