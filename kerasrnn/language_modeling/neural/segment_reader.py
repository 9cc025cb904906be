"""Long and many texts, read by a model a piece at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from kerasrnn import views
from kerasrnn.checks import UserError, check_integer
from kerasrnn.language_modeling.neural.open_softmax import open_log_probs, open_log_softmax
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, PADDING

__all__ = ["Reading", "SegmentReader", "read_ids"]

# The greatest number of logits in memory, about 32 MB.
LOGITS_AT_ONCE = 2**22


class Reading(NamedTuple):
    """What a model made of a row of n ids.

    Attributes:
        log_probs: `(n,)` float64, the natural log-probability of each.
        hidden: `(n, U)` float32, what each was predicted from, or `None` where nobody asked.
    """

    log_probs: np.ndarray
    hidden: np.ndarray | None = None


class SegmentReader:
    """Scores rows of ids with a next-token model, in graphs that are compiled once.

    A row is what `encode` gives: the ids of a sentence and the end id, all of which are scored;
    the model reads the begin id before the first one. Memory is bounded whatever the lengths.

    Args:
        model: What `language_model` or `fixed_window_language_model` returned; its weights are
            read at each call.

    Attributes:
        vocabulary_size: Number of tokens V.
        log_probs: A `tf.function` from `tokens` `(B, T)` int32 and a dictionary of states to the
            natural log-probabilities of all ids that may follow each token, `(B, T, V)` float64;
            what they were predicted from, `(B, T, U)`; and the new states, see `views.segment`.
        score: A `tf.function` from `tokens` and `labels` `(B, T)` int32 and the states to the
            log-probabilities of the labels alone, `(B, T)` float64, 0 for padding, and the rest.

    Raises:
        ValueError: For a model that sees more of a text than what is before each token, or where
            Keras runs on another backend than TensorFlow.
    """

    def __init__(self, model: keras.Model):
        if keras.backend.backend() != "tensorflow":
            raise UserError(
                "Expected the TensorFlow backend of Keras, whose graphs score and adapt. "
                f"Received: {keras.backend.backend()}"
            )
        self.model = model
        self.segment = views.segment(model, return_hidden=True)
        self.vocabulary_size = self.segment.output["logits"].shape[-1]
        self.ids_spec = tf.TensorSpec((None, None), tf.int32)
        self.states_spec = {
            name: tf.TensorSpec((None, *value.shape[1:]), value.dtype)
            for name, value in self.states(1).items()
        }
        specs = self.ids_spec, self.states_spec
        self.log_probs = tf.function(self._log_probs, input_signature=specs)
        self.score = tf.function(self._score, input_signature=(self.ids_spec, *specs))

    def states(self, batch_size: int) -> dict[str, Tensor]:
        """Gives the states before the first token, see `views.initial_states`."""
        return views.initial_states(self.model, batch_size)

    def sentences(
        self,
        rows: Sequence[np.ndarray],
        batch_size: int = 64,
        *,
        first: dict[str, Tensor] | None = None,
        return_hidden: bool = False,
    ) -> list[Reading]:
        """Reads rows that know nothing of each other; like lengths go together.

        Args:
            rows: Arrays of ids.
            batch_size: Maximum number of rows in a batch.
            first: What the model knows before each of them, states of one row; nothing by
                default.
            return_hidden: Whether to give the hidden states too.

        Returns:
            A `Reading` for each row.
        """
        check_integer("batch_size", batch_size)
        readings: list = [None] * len(rows)
        for chosen in self._batches([len(row) for row in rows], batch_size):
            batch = [rows[i] for i in chosen]
            read = self._batch if len(batch) > 1 else self._one
            results, _ = read(batch, self._repeat(first, len(batch)), return_hidden)
            for i, reading in zip(chosen, results, strict=True):
                readings[i] = reading
        return readings

    def stream(
        self, rows: Sequence[np.ndarray], states: dict[str, Tensor], *, return_hidden: bool = False
    ) -> tuple[list[Reading], dict]:
        """Reads rows one after another, each with all before it.

        Args:
            rows: Arrays of ids.
            states: What the model knows before them, those of `states(1)` at first.
            return_hidden: Whether to give the hidden states too.

        Returns:
            A `Reading` for each row, and the states behind the last one.
        """
        return self._one(rows, states, return_hidden) if rows else ([], states)

    def follow(
        self, tokens: np.ndarray, states: dict[str, Tensor], steps: slice
    ) -> tuple[np.ndarray, np.ndarray, dict]:
        """Gives distributions along one row.

        Args:
            tokens: `(T,)` int32, the ids to read.
            states: What the model knows before them.
            steps: Which of the T steps to give.

        Returns:
            `(S, V)` float64, natural log-probabilities; `(S, U)` float32, what they were predicted
            from; and the states behind the last token.
        """
        log_probs, hidden = [], []
        for start, end in self._pieces(len(tokens)):
            rows, vectors, states = self.log_probs(tokens[np.newaxis, start:end], states)
            inside = [i - start for i in range(len(tokens))[steps] if start <= i < end]
            if inside:
                log_probs.append(rows.numpy()[0, inside])
                hidden.append(vectors.numpy()[0, inside])
        return np.concatenate(log_probs), np.concatenate(hidden), states

    def _batches(self, lengths: list[int], batch_size: int):
        """Groups rows of like length; a batch is small, or it is one row, to be cut in pieces.

        So no row of a piece is padding only, which cuDNN refuses.
        """
        batch: list[int] = []
        for i in sorted(range(len(lengths)), key=lengths.__getitem__):
            logits = (len(batch) + 1) * lengths[i] * self.vocabulary_size
            if batch and (len(batch) == batch_size or logits > LOGITS_AT_ONCE):
                yield batch
                batch = []
            batch.append(i)
        if batch:
            yield batch

    def _repeat(self, first: dict[str, Tensor] | None, batch_size: int) -> dict[str, Tensor]:
        if first is None:
            return self.states(batch_size)
        return {name: tf.repeat(value, batch_size, axis=0) for name, value in first.items()}

    def _pieces(self, length: int):
        size = max(1, LOGITS_AT_ONCE // self.vocabulary_size)
        return [(start, min(start + size, length)) for start in range(0, length, size)]

    def _batch(self, rows: list[np.ndarray], states: dict[str, Tensor], return_hidden: bool):
        length = max(map(len, rows))
        tokens, labels = np.full((2, len(rows), length), PADDING, "int32")
        for i, row in enumerate(rows):
            tokens[i, : len(row)], labels[i, : len(row)] = read_ids(row), row
        log_probs, hidden, states = self.score(tokens, labels, states)
        log_probs = log_probs.numpy()
        vectors = hidden.numpy() if return_hidden else None
        readings = [
            Reading(log_probs[i, : len(row)], None if vectors is None else vectors[i][: len(row)])
            for i, row in enumerate(rows)
        ]
        return readings, states

    def _one(self, rows: Sequence[np.ndarray], states: dict[str, Tensor], return_hidden: bool):
        """Reads rows as one, a piece at a time."""
        tokens = np.concatenate([read_ids(row) for row in rows])[np.newaxis]
        labels = np.concatenate(rows).astype("int32")[np.newaxis]
        log_probs, hidden = [], []
        for start, end in self._pieces(labels.shape[1]):
            scores, vectors, states = self.score(tokens[:, start:end], labels[:, start:end], states)
            log_probs.append(scores.numpy()[0])
            if return_hidden:
                hidden.append(vectors.numpy()[0])
        ends = np.cumsum([len(row) for row in rows])[:-1]
        parts = np.split(np.concatenate(log_probs), ends)
        if not return_hidden:
            return [Reading(part) for part in parts], states
        return list(map(Reading, parts, np.split(np.concatenate(hidden), ends))), states

    def _log_probs(self, tokens, states):
        logits, hidden, states = self.read(tokens, states)
        return open_log_softmax(logits), hidden, states

    def _score(self, tokens, labels, states):
        logits, hidden, states = self.read(tokens, states)
        log_probs = open_log_probs(logits, labels)
        return tf.where(labels == PADDING, tf.zeros([], tf.float64), log_probs), hidden, states

    def read(
        self, tokens: Tensor, states: dict[str, Tensor]
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Gives logits `(B, T, V)`, hidden states `(B, T, U)` and the new states."""
        outputs = self.segment({"tokens": tokens, **states}, training=False)
        return outputs["logits"], outputs["hidden"], {name: outputs[name] for name in states}


def read_ids(row: np.ndarray) -> np.ndarray:
    """Returns what a model reads to predict a row: begin, and all ids but the last, int32."""
    return np.concatenate([[BEGIN], row[:-1]]).astype("int32")
