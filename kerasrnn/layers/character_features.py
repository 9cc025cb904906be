"""Features of a word from its characters."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.checks import check_integer, check_size
from kerasrnn.layers.empty_batches import at_least_one_row
from kerasrnn.typing import Shape, Tensor
from kerasrnn.vocabulary import PADDING

__all__ = ["CharacterFeatures"]


@keras.saving.register_keras_serializable("kerasrnn")
class CharacterFeatures(keras.layers.Layer):
    """A convolution over the characters of each word, and its maximum for each filter.

    Ma and Hovy (2016), section 2.1: it tells a tagger of a word that it has never seen that it
    ends in -ly or begins with a capital.

    Args:
        vocabulary_size: Number of character ids, the reserved ones included.
        embedding: Size of the character vectors.
        filters: Number of features F.
        width: Number of characters that a filter sees.

    Call arguments:
        characters: `(B, T, W)` int tensor, the characters of each word, padded with 0 on the right.

    Returns:
        `(B, T, F)` float; 0 for a word without characters, which is padding and masked.

    Example:

    >>> tuple(CharacterFeatures(11, filters=5)(keras.ops.ones((2, 3, 7), "int32")).shape)
    (2, 3, 5)
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding: int = 25,
        filters: int = 30,
        width: int = 3,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.vocabulary_size = check_integer("vocabulary_size", vocabulary_size)
        self.embedding = check_size("embedding", embedding)
        self.filters = check_size("filters", filters)
        self.width = check_size("width", width)
        self.supports_masking = True
        dtype = self.dtype_policy
        self.vectors = keras.layers.Embedding(
            vocabulary_size, embedding, dtype=dtype, name="character_embedding"
        )
        self.convolution = keras.layers.Conv1D(
            filters, width, padding="same", dtype=dtype, name="convolution"
        )

    def build(self, input_shape: Shape) -> None:
        self.vectors.build(input_shape)
        self.convolution.build((None, None, self.embedding))

    def call(self, characters: Tensor) -> Tensor:
        shape = ops.shape(characters)
        letters = ops.reshape(characters, (shape[0] * shape[1], shape[2]))
        best = at_least_one_row(self._of_words, letters)
        return ops.reshape(best, (shape[0], shape[1], self.filters))

    def _of_words(self, letters):
        """From `(N, W)` ids to the features of each word, `(N, F)`."""
        real = ops.expand_dims(ops.not_equal(letters, PADDING), -1)
        # Padding counts as nothing, as what the convolution sees beyond both ends does.
        vectors = self.vectors(letters)
        features = self.convolution(vectors * ops.cast(real, vectors.dtype))
        best = ops.max(ops.where(real, features, -3e4), axis=1)
        return ops.where(ops.any(real, axis=1), ops.tanh(best), 0.0)

    def compute_mask(self, characters: Tensor, mask: Tensor | None = None) -> Tensor | None:
        return ops.any(ops.not_equal(characters, PADDING), axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:2], self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "embedding": self.embedding,
            "filters": self.filters,
            "width": self.width,
        }
