"""What the city hides of counts of children: one decision for all that is published of a term."""
