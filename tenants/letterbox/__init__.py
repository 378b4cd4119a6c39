"""What families say straight to the bureau: kept in the city alone, where no right and no role of a school reads (S46)."""
