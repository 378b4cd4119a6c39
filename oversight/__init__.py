"""What the city sees: facts of all schools and what follows from them. No child's row is ever here."""
