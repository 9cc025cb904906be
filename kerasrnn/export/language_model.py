"""Raw text in, log-probabilities out, or a text that goes on: what a language model does."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from kerasrnn import views
from kerasrnn.datasets import next_tokens
from kerasrnn.decoding import decode, greedy, step_function
from kerasrnn.export.saved_model import without_cudnn
from kerasrnn.text import Tokenizer, join, split
from kerasrnn.vocabulary import BEGIN, END, PADDING

__all__ = ["LanguageModelFunction"]

# No perplexity is infinite, which JSON cannot hold.
LEAST_LOG_PROB = -80.0


class LanguageModelFunction:
    """Scores texts and continues them, all of it in one graph.

    Probabilities are over the open vocabulary: padding and begin, which never follow anything, are
    left out of the softmax; unknown and end are in it. Each text begins with nothing before it.

    Args:
        model: What `language_model` or `fixed_window_language_model` returned.
        tokenizer: Tokenizer of the texts.
        max_length: The greatest number of tokens of a continuation, the end token included.

    Attributes:
        serve: A `tf.function` from `text` `(B,)` string to a dictionary of
            `log_prob` `(B,)` float32, the natural logarithm of the text's probability;
            `length` `(B,)` int32, its tokens, the end token counted;
            `perplexity` `(B,)` float32;
            `tokens` `(B, T)` string, `<unknown>` for what the vocabulary lacks, `""` after the end;
            `token_log_probs` `(B, T)` float32, those of the tokens, which add up to `log_prob`.
        continue_text: A `tf.function` from `text` `(B,)` string to a dictionary of
            `text` `(B,)` string, the most likely next token again and again up to the end token:
            what is to be put behind the text; `log_prob` `(B,)` float32, the natural logarithm of
            its probability; and `length` `(B,)` int32, its tokens, the end token counted.
        sample: The same with the further arguments `temperature`, a float32, `seed` and
            `max_length`, an int32 each: every token is drawn from the model's probabilities.
        score: A `tf.function` from `tokens` and `labels` `(B, T)` int32 and a dictionary of states
            to the natural log-probabilities of the labels, `(B, T)` float64, and the new states;
            see `views.segment`.
        tracked: What an export has to track.

    Raises:
        ValueError: For a model that sees more of a text than what is before each token.
    """

    def __init__(self, model: keras.Model, tokenizer: Tokenizer, max_length: int = 200):
        self.tracked = [model, tokenizer]
        self._model, self._tokenizer = model, tokenizer
        self._segment = views.segment(model)
        recurrent = any(layer.name == "recurrent" for layer in model.layers)
        self._step = views.step(model) if recurrent else None

        def continue_text(text):
            return self._continue(text, greedy, max_length)

        text = tf.TensorSpec((None,), tf.string, name="text")
        ids = tf.TensorSpec((None, None), tf.int32)
        numbers = [tf.TensorSpec((), dtype) for dtype in (tf.float32, tf.int32, tf.int32)]
        states = {
            name: tf.TensorSpec((None, *value.shape[1:]), value.dtype)
            for name, value in views.initial_states(model, 1).items()
        }
        self.serve = _graph(self._serve, [text])
        self.continue_text = _graph(continue_text, [text])
        self.sample = _graph(self._sample, [text, *numbers])
        self.score = _graph(self._score, [ids, ids, states])

    def _serve(self, text):
        tokens, labels = (self._tokenizer.pad(ids) for ids in next_tokens(text, self._tokenizer))
        states = views.initial_states(self._model, tf.shape(text)[0])
        log_probs, _ = self._score(tokens, labels, states)
        log_prob = tf.reduce_sum(log_probs, axis=1)
        length = tf.reduce_sum(tf.cast(labels != PADDING, tf.int32), axis=1)
        mean = log_prob / tf.cast(length, tf.float64)
        return {
            "log_prob": tf.cast(log_prob, tf.float32),
            "length": length,
            "perplexity": tf.cast(tf.exp(-tf.maximum(mean, LEAST_LOG_PROB)), tf.float32),
            "tokens": self._tokenizer.tokens(labels),
            "token_log_probs": tf.cast(log_probs, tf.float32),
        }

    def _sample(self, text, temperature, seed, max_length):
        def draw(logits, step):
            drawn = tf.random.stateless_categorical(
                logits / temperature, 1, tf.stack([seed, step]), dtype=tf.int32
            )
            return drawn[:, 0]

        return self._continue(text, draw, max_length)

    def _score(self, tokens, labels, states):
        logits, states = self._read(tokens, states)
        # In double precision, so that the scores of a long text add up.
        logits = tf.cast(logits, tf.float64) + _closed(logits.shape[-1])
        log_probs = tf.gather(logits, labels, batch_dims=2) - tf.reduce_logsumexp(logits, axis=-1)
        return tf.where(labels == PADDING, tf.zeros([], tf.float64), log_probs), states

    def _read(self, tokens, states):
        with without_cudnn(self._model):
            outputs = self._segment({"tokens": tokens, **states}, training=False)
        return outputs["logits"], {name: outputs[name] for name in states}

    def _continue(self, text, draw: Callable, max_length):
        tokens, _ = next_tokens(text, self._tokenizer)
        last = tokens[:, -1:].flat_values  # it is what the first step reads
        states = views.initial_states(self._model, tf.shape(text)[0])
        _, states = self._read(self._tokenizer.pad(tokens[:, :-1]), states)
        step = self._step_by_segment
        if self._step is not None:
            step, states = step_function(self._step, states)
        answer = decode(step, states, max_length=max_length, draw=draw, first=last)
        return {
            "text": self._text_behind(text, answer["ids"]),
            "log_prob": answer["log_prob"],
            "length": answer["lengths"],
        }

    def _step_by_segment(self, tokens, states):
        logits, states = self._read(tokens[:, tf.newaxis], states)
        return logits[:, 0], states

    def _text_behind(self, text, ids):
        """Joins both, so that words get their spaces, and takes the text off again."""
        level = self._tokenizer.level
        before = split(text, level)
        after = self._tokenizer.tokens(tf.where(ids == END, PADDING, ids))
        after = tf.ragged.boolean_mask(after, after != "")
        whole = join(tf.concat([before, after], axis=1), level)
        start = tf.strings.length(join(before, level))
        return tf.strings.substr(whole, start, tf.strings.length(whole) - start)


def _graph(function: Callable, signature):
    return tf.function(function, input_signature=signature, autograph=False)


def _closed(vocabulary_size: int):
    """`(V,)` float64: what takes padding and begin out of a softmax, and 0."""
    penalty = np.zeros(vocabulary_size)
    penalty[[PADDING, BEGIN]] = -np.inf
    return tf.constant(penalty, tf.float64)
