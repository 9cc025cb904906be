"""Raw text in, raw text out: the function that predicts in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Iterable

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.decoding import decode, step_function
from kerasrnn.export.saved_model import without_cudnn
from kerasrnn.text import Tokenizer, split
from kerasrnn.vocabulary import BEGIN, PADDING

__all__ = ["TranslationFunction", "as_strings", "as_text"]


class TranslationFunction:
    """Tokenises, encodes, decodes greedily and joins the answer, all of it in one graph.

    Args:
        model: What `encoder_decoder` returned.
        source: Tokenizer of the source.
        target: Tokenizer of the target.
        max_length: The greatest number of tokens of an answer, the end token included.

    Attributes:
        serve: A `tf.function` from `text` `(B,)` string to a dictionary of
            `text` `(B,)` string, the answers;
            `score` `(B,)` float32, the natural logarithm of each answer's probability;
            `source_tokens` `(B, S)` and `target_tokens` `(B, T)` string, `""` after the end;
            `source_length` and `target_length` `(B,)` int32, in tokens, the end token counted;
            `attention` `(B, T, S)` float32, with attention only: row t holds the weights over the
            source tokens with which token t of the answer (the end token is the last) was drawn.
        tracked: What an export has to track.
    """

    def __init__(self, model: keras.Model, source: Tokenizer, target: Tokenizer, max_length: int):
        self.tracked = [model, source, target]
        encode, step = views.encode(model), views.step(model)
        attention = views.attention_scores(model) if "memory" in encode.output else None

        def serve(text):
            with without_cudnn(model):
                ids = source.encode(text)
                padded = source.pad(ids)
                states = encode(padded, training=False)
                answer = decode(*step_function(step, states), max_length=max_length)
                outputs = {
                    "text": target.decode(answer["ids"]),
                    "score": answer["log_prob"],
                    "source_tokens": split(text, source.level).to_tensor(""),
                    "target_tokens": target.tokens(answer["ids"]),
                    "source_length": tf.cast(ids.row_lengths(), tf.int32),
                    "target_length": answer["lengths"],
                }
                if attention is not None:
                    outputs["attention"] = _attention(attention, padded, answer["ids"])
            return outputs

        signature = [tf.TensorSpec((None,), tf.string, name="text")]
        self.serve = tf.function(serve, input_signature=signature, autograph=False)


def _attention(view: keras.Model, source, ids):
    """Scores of all steps at once, which is cheaper than collecting them in the loop."""
    begin = tf.fill([tf.shape(ids)[0], 1], BEGIN)
    target = tf.concat([begin, ids[:, :-1]], axis=1)
    scores = view({"source": source, "target": target}, training=False)
    return tf.where((ids != PADDING)[:, :, tf.newaxis], scores, 0.0)


def as_text(texts: Iterable[str]):
    """Makes a `(B,)` string tensor; what no UTF-8 can hold becomes a question mark."""
    return as_strings(list(texts))


def as_strings(values):
    """Makes a string tensor of nested lists of `str` or `bytes`, as `as_text` does."""

    def encoded(value):
        if isinstance(value, (list, tuple)):
            return [encoded(each) for each in value]
        return value.encode("utf-8", "replace") if isinstance(value, str) else value

    return tf.constant(encoded(values), tf.string)
