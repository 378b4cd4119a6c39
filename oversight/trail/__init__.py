"""The audit administrator's desk: how each audit chain stands, its anchors, and verifying (architecture §7)."""
