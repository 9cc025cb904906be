"""The words of texts, one after another, without those that the vocabulary lacks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from kerasrnn.datasets.batches.pipeline import encode_in_bulk
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import UNKNOWN

__all__ = ["RunningWords", "running_words"]


class RunningWords(NamedTuple):
    """The running words of texts.

    Attributes:
        ids: `(N,)` int32, of all words that the vocabulary has.
        starts: `(M + 1,)` int64, where each of M texts begins, and the end of the last one.
        left_out: How many running words the vocabulary lacks.
    """

    ids: np.ndarray
    starts: np.ndarray
    left_out: int


def running_words(texts: tf.data.Dataset, tokenizer: Tokenizer) -> RunningWords:
    """Encodes texts; a word that the vocabulary lacks is left out, so that its neighbours meet.

    That is how word2vec's program reads a text.

    Args:
        texts: Of scalar strings.
        tokenizer: Tokenizer of the texts.

    Example:

    >>> texts = tf.data.Dataset.from_tensor_slices(["a ? b", "b"])
    >>> running_words(texts, Tokenizer(kerasrnn.Vocabulary(["a", "b"]), "whitespace"))
    RunningWords(ids=array([4, 5, 5], dtype=int32), starts=array([0, 2, 3]), left_out=1)
    """

    def encode(batch):
        ids = tokenizer.ids_of(tokenizer.split(batch))
        known = tf.ragged.boolean_mask(ids, ids != UNKNOWN)
        return known.flat_values, known.row_lengths(), tf.size(ids.flat_values)

    parts = list(encode_in_bulk(as_dataset(texts, ("text",)), encode).as_numpy_iterator())
    ids = np.concatenate([np.zeros(0, np.int32), *(part[0] for part in parts)])
    lengths = np.concatenate([np.zeros(1, np.int64), *(part[1] for part in parts)])
    left_out = sum(int(part[2]) for part in parts) - len(ids)
    return RunningWords(ids, np.cumsum(lengths), left_out)
