"""The bureau's desk for what families complain about: read, passed on, answered; nobody else's page (S46)."""
