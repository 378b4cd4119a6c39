"""Application, two reviews, agreement and waiting list; only a guardian can start one (S1)."""
