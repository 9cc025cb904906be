"""Word vectors: files of them, the nearest words, and the embedding of a model."""

from kerasrnn.embeddings.coverage import Coverage
from kerasrnn.embeddings.nearest_words import nearest_to_sum, nearest_words
from kerasrnn.embeddings.pretrained import (
    extended_vocabulary,
    pretrained_embedding,
    pretrained_weights,
)
from kerasrnn.embeddings.vector_files import (
    WordVectors,
    read_vectors,
    vector_dimensions,
    write_vectors,
)

__all__ = [
    "Coverage",
    "WordVectors",
    "extended_vocabulary",
    "nearest_to_sum",
    "nearest_words",
    "pretrained_embedding",
    "pretrained_weights",
    "read_vectors",
    "vector_dimensions",
    "write_vectors",
]
