"""What the tasks share that read sequences of vectors."""
