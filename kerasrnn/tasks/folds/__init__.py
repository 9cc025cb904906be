"""Cross-validation: a training for each fold of a file, and one on all of it."""
