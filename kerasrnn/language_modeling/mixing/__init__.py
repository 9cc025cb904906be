"""Models made of other models: mixtures and their weights."""
