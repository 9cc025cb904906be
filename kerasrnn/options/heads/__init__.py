"""Options that several tasks share because their models have the same body."""
