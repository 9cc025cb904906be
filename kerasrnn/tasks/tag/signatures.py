"""Tokens in, a label for each out: the function that predicts in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasrnn import views
from kerasrnn.datasets.loaders.tagged_examples import character_ids
from kerasrnn.decoding import marginals, path_log_probs, viterbi
from kerasrnn.export.signatures import Signatures
from kerasrnn.layers import CRF
from kerasrnn.layers.bio import continues, mark_entities, split_label
from kerasrnn.text import Tokenizer, split
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import PADDING

__all__ = ["TaggingSignatures", "as_tokens"]


class TaggingSignatures(Signatures):
    """Looks tokens up, labels them and names the labels, all of it in one graph.

    With a conditional random field the labels are the most likely sequence and the confidences
    are marginal probabilities, both over the sequences that the field allows.

    Args:
        model: What `many_to_many` returned for token ids.
        words: Tokenizer whose vocabulary has the tokens.
        labels: Names of the L labels.
        characters: Tokenizer of the characters, where the model reads them.

    Attributes:
        functions: By name `tf.function`s to a dictionary:
            `serving_default` from `text` `(B,)` string, lines of tokens with white space between
            them, to
            `labels` `(B, T)` string, `""` behind the end;
            `tokens` `(B, T)` string, `""` behind the end;
            `confidence` `(B, T)` float32, the probability of each label, 0 behind the end;
            `entity_confidence` `(B, T)` float32, where the labels mark entities: the probability
            of all labels of the entity that a token belongs to, 0 where it belongs to none;
            `length` `(B,)` int32, the number of tokens, 0 for an empty line;
            `log_prob` `(B,)` float32, the natural logarithm of the probability of all labels
            together, 0 for an empty line.
            `tokens`, the same from `tokens` `(B, T)` string, padded with anything on the right,
            which may hold white space, and `length` `(B,)` int32, the number of those that count.
            `marginals` from `text` to `probabilities` `(B, T, L)` float32, those of every label;
            `label_names` `(B, L)` string, the same in each row; `tokens` and `length`.
            `encode` from `text` to `vector` `(B, U)` float32, the mean of the states of the last
            recurrent layer, 0 for an empty line.
    """

    inputs = (tf.TensorSpec((None,), tf.string, name="text"),)

    def __init__(
        self,
        model: keras.Model,
        words: Tokenizer,
        labels: Sequence[str],
        characters: Tokenizer | None = None,
    ):
        self.models = [model]
        self.tracked = [words, *([] if characters is None else [characters])]
        self._model, self._words, self._characters = model, words, characters
        self._names = list(labels)
        is_field = isinstance(model.get_layer("output"), CRF)
        self._decode = _decode_field if is_field else _decode_logits
        self._vector = views.vector(model)
        self._spans = _span_tables(self._names)
        names = ("labels", "tokens", "confidence", "entity_confidence")
        lengths = {name: ["length"] for name in (names if self._spans else names[:3])}
        of_all = {name: ["length"] for name in ("tokens", "probabilities")}
        self.lengths = {"serving_default": lengths, "tokens": lengths, "marginals": of_all}

    def others(self) -> dict[str, Any]:
        tokens = tf.TensorSpec((None, None), tf.string, name="tokens")
        length = tf.TensorSpec((None,), tf.int32, name="length")
        return {
            "tokens": (self._serve_tokens, (tokens, length)),
            "marginals": (self._marginals, self.inputs),
        }

    def serve(self, text: Tensor) -> dict[str, Tensor]:
        return self._serve_tokens(*_split(text))

    def _serve_tokens(self, tokens, length):
        tokens, mask, inputs = self._inputs(tokens, length)
        found = self._decode(self._model(inputs, training=False), mask)
        outputs = {
            "labels": tf.where(mask, tf.gather(tf.constant(self._names), found["labels"]), ""),
            "tokens": tokens,
            "confidence": tf.where(mask, tf.exp(found["marginal"]), 0.0),
            "length": length,
            "log_prob": found["log_prob"],
        }
        if self._spans:
            outputs["entity_confidence"] = _entity_confidence(found, mask, *self._spans)
        return outputs

    def _marginals(self, text):
        tokens, length = _split(text)
        tokens, mask, inputs = self._inputs(tokens, length)
        found = self._decode(self._model(inputs, training=False), mask)
        probabilities = found["probabilities"]
        shape = [tf.shape(text)[0], len(self._names)]
        return {
            "probabilities": tf.where(mask[:, :, tf.newaxis], probabilities, 0.0),
            "label_names": tf.broadcast_to(tf.constant(self._names), shape),
            "tokens": tokens,
            "length": length,
        }

    def vector(self, text: Tensor) -> Tensor:
        tokens, length = _split(text)
        _, _, inputs = self._inputs(tokens, length)
        vectors = self._vector(inputs, training=False)
        return tf.where(length[:, tf.newaxis] > 0, vectors, 0.0)

    def _inputs(self, tokens, length):
        """Tokens of at least one step, their mask, and what the model reads.

        Recurrent layers need a step, also where no sentence has one; a row of padding only is no
        harm to them without cuDNN.
        """
        tokens = tf.pad(tokens, [[0, 0], [0, tf.cast(tf.shape(tokens)[1] == 0, tf.int32)]])
        mask = tf.sequence_mask(length, tf.shape(tokens)[1])
        tokens = tf.where(mask, tokens, "")
        return tokens, mask, _ids(tokens, mask, self._words, self._characters)


def as_tokens(sentences: Sequence[Sequence[Any]]) -> tuple:
    """Makes the inputs of the signature `tokens`.

    Args:
        sentences: Lists of tokens, `str` or `bytes`; what no UTF-8 can hold becomes a question
            mark.

    Returns:
        `tokens` `(B, T)` string, padded with `""`, and `length` `(B,)` int32.
    """
    encoded = [
        [token.encode("utf-8", "replace") if isinstance(token, str) else token for token in tokens]
        for tokens in sentences
    ]
    lengths = [len(tokens) for tokens in encoded]
    steps = max(lengths, default=0)
    padded = [tokens + [b""] * (steps - len(tokens)) for tokens in encoded]
    shape = len(padded), steps
    return tf.reshape(tf.constant(padded, tf.string), shape), tf.constant(lengths, tf.int32)


def _ids(tokens, mask, words: Tokenizer, characters: Tokenizer | None):
    """Ids `(B, T)`, or with characters the dictionary of them and characters `(B, T, W)`."""
    ids = tf.where(mask, words.ids_of(tokens), PADDING)
    if characters is None:
        return ids
    letters = characters.pad(character_ids(characters, tf.reshape(tokens, [-1])))
    shape = tf.concat([tf.shape(tokens), tf.shape(letters)[1:]], axis=0)
    letters = tf.where(mask[..., tf.newaxis], tf.reshape(letters, shape), PADDING)
    return {"tokens": ids, "characters": letters}


def _split(text):
    tokens = split(text, "whitespace")
    return tokens.to_tensor(""), tf.cast(tokens.row_lengths(), tf.int32)


def _decode_logits(logits, mask) -> dict[str, Any]:
    """The most likely label of each step; given the input, labels are independent."""
    log_probs = tf.nn.log_softmax(logits)
    best = tf.where(mask, tf.reduce_max(log_probs, axis=-1), 0.0)
    return {
        "labels": tf.argmax(log_probs, axis=-1, output_type=tf.int32),
        "probabilities": tf.exp(log_probs),
        "marginal": best,
        "conditional": best,
        "log_prob": tf.reduce_sum(best, axis=-1),
    }


def _decode_field(potentials, mask) -> dict[str, Any]:
    """The most likely path, and the probabilities of its labels."""
    path = viterbi(potentials, mask)
    return {
        "labels": path["labels"],
        "probabilities": marginals(potentials, mask),
        **path_log_probs(potentials, path["labels"], mask),
        "log_prob": path["log_prob"],
    }


def _span_tables(names: Sequence[str]) -> tuple | None:
    """For each pair of labels whether the second goes on with an entity, and which are in one."""
    if not mark_entities(names):
        return None
    goes_on = np.array([[continues(before, name) for name in names] for before in names])
    return goes_on, np.array([split_label(name)[0] != "O" for name in names])


def _entity_confidence(found: dict[str, Any], mask, goes_on: np.ndarray, inside: np.ndarray):
    """Adds the logarithms of each entity up: its first label alone, the others given the last."""
    labels = found["labels"]
    within = tf.gather(tf.constant(inside), labels) & mask
    pairs = tf.stack([labels[:, :-1], labels[:, 1:]], axis=-1)
    follows = tf.pad(tf.gather_nd(tf.constant(goes_on), pairs), [[0, 0], [1, 0]])
    log_probs = tf.where(follows, found["conditional"], found["marginal"])
    numbers = tf.cumsum(tf.cast(within & ~follows, tf.int32), axis=1)
    size = tf.shape(labels)
    rows = tf.range(size[0])[:, tf.newaxis] * (size[1] + 1)
    places = tf.reshape(tf.where(within, rows + numbers, -1), [-1])  # −1 is left out
    sums = tf.math.unsorted_segment_sum(
        tf.reshape(log_probs, [-1]), places, size[0] * (size[1] + 1)
    )
    totals = tf.gather(sums, tf.reshape(tf.where(within, rows + numbers, 0), [-1]))
    return tf.where(within, tf.exp(tf.reshape(totals, size)), 0.0)
