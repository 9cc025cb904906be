"""A word in, its vector out: the functions that predict in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import tensorflow as tf

from kerasrnn.export.signatures import Signatures
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import PADDING, RESERVED, UNKNOWN

__all__ = ["WordVectorSignatures"]

MOST_NEIGHBORS = 10


class WordVectorSignatures(Signatures):
    """Looks up the vectors of words, and the words whose vectors are nearest.

    Args:
        model: What `word2vec` returned.
        tokenizer: Tokenizer of the texts.

    Attributes:
        functions: By name `tf.function`s from `text` `(B,)` string, a word or several, to a
            dictionary:
            `serving_default` to
            `vector` `(B, D)` float32, the mean of the vectors of its words, zeros where none has
            one; and `known` `(B,)` int32, the number of words that have one.
            `neighbors` to
            `words` `(B, N)` string, the nearest ones of the vocabulary but for those of the text,
            by the cosine to that vector, and `similarities` `(B, N)` float32. N is 10, or less for
            a smaller vocabulary; where no word of the text has a vector, all are `""` and 0.
            `encode` to `vector`, as above.
    """

    inputs = (tf.TensorSpec((None,), tf.string, name="text"),)

    def __init__(self, model: keras.Model, tokenizer: Tokenizer):
        self.models, self.tracked = [model], [tokenizer]
        self._tokenizer = tokenizer
        self._embedding = model.get_layer("token_embedding")
        self._number = min(MOST_NEIGHBORS, len(tokenizer.vocabulary.tokens))

    def serve(self, text: Tensor) -> dict[str, Tensor]:
        vector, ids = self._vectors(text)
        known = tf.reduce_sum(tf.cast(ids != PADDING, tf.int32), axis=1)
        return {"vector": vector, "known": known}

    def vector(self, text: Tensor) -> Tensor:
        return self._vectors(text)[0]

    def neighbors(self, text: Tensor) -> dict[str, Tensor]:
        """Finds the nearest words: the signature of this name."""
        vector, ids = self._vectors(text)
        rows = tf.math.l2_normalize(self._embedding.embeddings[len(RESERVED) :], axis=1)
        found = tf.matmul(tf.math.l2_normalize(vector, axis=1), rows, transpose_b=True)
        # No cosine is as low as that of the words of the text is made.
        own = tf.reduce_max(tf.one_hot(ids - len(RESERVED), tf.shape(rows)[0]), axis=1)
        similarities, places = tf.math.top_k(found - 3 * own, self._number)
        there = (similarities > -1.5) & tf.reduce_any(ids != PADDING, axis=1, keepdims=True)
        words = tf.gather(tf.constant(self._tokenizer.vocabulary.tokens), places)
        return {
            "words": tf.where(there, words, ""),
            "similarities": tf.where(there, similarities, 0.0),
        }

    def others(self) -> Mapping[str, tuple]:
        return {"neighbors": (self.neighbors, self.inputs)}

    def _vectors(self, text: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the mean vector of each text, and the ids of its known words, 0 behind them."""
        ids = self._tokenizer.ids_of(self._tokenizer.split(text))
        known = self._tokenizer.pad(tf.ragged.boolean_mask(ids, ids != UNKNOWN))
        real = tf.cast(known != PADDING, tf.float32)[:, :, tf.newaxis]
        total = tf.reduce_sum(tf.gather(self._embedding.embeddings, known) * real, axis=1)
        return total / tf.maximum(tf.reduce_sum(real, axis=1), 1.0), known
