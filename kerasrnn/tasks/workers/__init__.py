"""A training on several devices or workers: what each of them does in it."""
