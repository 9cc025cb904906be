"""Word vectors: files of them, the nearest words, and the embedding of a model."""

from kerasrnn.embeddings.nearest_words import nearest_words
from kerasrnn.embeddings.pretrained import Coverage, extended_vocabulary, pretrained_embedding
from kerasrnn.embeddings.vector_files import WordVectors, read_vectors, write_vectors

__all__ = [
    "Coverage",
    "WordVectors",
    "extended_vocabulary",
    "nearest_words",
    "pretrained_embedding",
    "read_vectors",
    "write_vectors",
]
