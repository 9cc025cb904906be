"""Commands for word vectors."""
