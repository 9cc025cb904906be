"""Tokens in, a label for each out: the function that predicts in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn.datasets.tagging import character_ids
from kerasrnn.decoding.crf import marginals, viterbi
from kerasrnn.export.saved_model import without_cudnn
from kerasrnn.layers import CRF
from kerasrnn.text import Tokenizer, split
from kerasrnn.vocabulary import PADDING

__all__ = ["TaggingFunction", "as_tokens"]


class TaggingFunction:
    """Looks tokens up, labels them and names the labels, all of it in one graph.

    With a conditional random field the labels are the most likely sequence and the confidences
    are marginal probabilities, both over the sequences that the field allows.

    Args:
        model: What `many_to_many` returned for token ids.
        words: Tokenizer whose vocabulary has the tokens.
        labels: Names of the L labels.
        characters: Tokenizer of the letters, where the model reads them.

    Attributes:
        serve: A `tf.function` from `text` `(B,)` string, lines of tokens with white space between
            them, to a dictionary of
            `labels` `(B, T)` string, `""` behind the end;
            `tokens` `(B, T)` string, `""` behind the end;
            `confidence` `(B, T)` float32, the probability of each label, 0 behind the end;
            `length` `(B,)` int32, the number of tokens, 0 for an empty line;
            `score` `(B,)` float32, the natural logarithm of the probability of all labels
            together, 0 for an empty line.
        serve_tokens: The same from `tokens` `(B, T)` string, padded with anything on the right,
            which may hold white space, and `length` `(B,)` int32, the number of those that count.
        tracked: What an export has to track.
    """

    def __init__(
        self,
        model: keras.Model,
        words: Tokenizer,
        labels: Sequence[str],
        characters: Tokenizer | None = None,
    ):
        self.tracked = [model, words, *([] if characters is None else [characters])]
        names = list(labels)
        decode = _decode_field if isinstance(model.get_layer("output"), CRF) else _decode_logits

        def serve_tokens(tokens, length):
            # Recurrent layers need a step, also where no sentence has one; a row of padding only
            # is no harm to them without cuDNN.
            tokens = tf.pad(tokens, [[0, 0], [0, tf.cast(tf.shape(tokens)[1] == 0, tf.int32)]])
            mask = tf.sequence_mask(length, tf.shape(tokens)[1])
            tokens = tf.where(mask, tokens, "")
            with without_cudnn(model):
                inputs = _inputs(tokens, mask, words, characters)
                found = decode(model(inputs, training=False), mask)
            return {
                "labels": tf.where(mask, tf.gather(tf.constant(names), found["labels"]), ""),
                "tokens": tokens,
                "confidence": tf.where(mask, found["confidence"], 0.0),
                "length": length,
                "score": found["score"],
            }

        def serve(text):
            tokens = split(text, "whitespace")
            return serve_tokens(tokens.to_tensor(""), tf.cast(tokens.row_lengths(), tf.int32))

        text = tf.TensorSpec((None,), tf.string, name="text")
        tokens = tf.TensorSpec((None, None), tf.string, name="tokens")
        length = tf.TensorSpec((None,), tf.int32, name="length")
        self.serve = tf.function(serve, input_signature=[text], autograph=False)
        self.serve_tokens = tf.function(
            serve_tokens, input_signature=[tokens, length], autograph=False
        )


def as_tokens(sentences: Sequence[Sequence]) -> tuple:
    """Makes the inputs of `TaggingFunction.serve_tokens`.

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


def _inputs(tokens, mask, words: Tokenizer, characters: Tokenizer | None):
    """Ids `(B, T)`, or with characters the dictionary of them and letters `(B, T, W)`."""
    ids = tf.where(mask, words.ids_of(tokens), PADDING)
    if characters is None:
        return ids
    letters = characters.pad(character_ids(characters, tf.reshape(tokens, [-1])))
    shape = tf.concat([tf.shape(tokens), tf.shape(letters)[1:]], axis=0)
    letters = tf.where(mask[..., tf.newaxis], tf.reshape(letters, shape), PADDING)
    return {"tokens": ids, "characters": letters}


def _decode_logits(logits, mask) -> dict:
    """The most likely label of each step, and the probability of these choices."""
    log_probs = tf.nn.log_softmax(logits)
    best = tf.reduce_max(log_probs, axis=-1)
    return {
        "labels": tf.argmax(log_probs, axis=-1, output_type=tf.int32),
        "confidence": tf.exp(best),
        "score": tf.reduce_sum(tf.where(mask, best, 0.0), axis=-1),
    }


def _decode_field(potentials, mask) -> dict:
    """The most likely path, its marginal probabilities, and the probability of the path."""
    path = viterbi(potentials, mask)
    probabilities = marginals(potentials, mask)
    return {
        "labels": path["labels"],
        "confidence": tf.gather(probabilities, path["labels"], batch_dims=2),
        "score": path["log_prob"],
    }
