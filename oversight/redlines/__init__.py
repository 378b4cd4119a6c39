"""Red lines and early warnings: rules over the facts of one school and term, and the alerts that they raise (S46)."""
