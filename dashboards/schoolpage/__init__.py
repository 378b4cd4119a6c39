"""One school: facts, figures against its peers, flags, alerts, months, classes."""
