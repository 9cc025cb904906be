"""Words and what stands around them, as word vectors are learned from."""
