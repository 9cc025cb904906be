"""Raw text in, log-probabilities out, or a text that goes on: what a language model does."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasrnn import views
from kerasrnn.datasets import next_tokens
from kerasrnn.decoding import Search, repeat_rows, step_function
from kerasrnn.decoding.constraints import FORBIDDEN
from kerasrnn.export.answers import ANSWERS, Answers, last_state, sampling_inputs
from kerasrnn.export.signatures import Signatures
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, END, PADDING

__all__ = ["LanguageModelSignatures"]

# No perplexity is infinite, which JSON cannot hold.
LEAST_LOG_PROB = -80.0


class LanguageModelSignatures(Signatures):
    """Scores texts and continues them, all of it in one graph.

    Probabilities are over the open vocabulary: padding and begin, which never follow anything, are
    left out of the softmax; unknown and end are in it. Each text begins with nothing before it.

    Args:
        model: What `language_model` or `fixed_window_language_model` returned.
        tokenizer: Tokenizer of the texts.
        max_length: Maximum number of tokens of a continuation, the end token included.
        options: How continuations are searched for.

    Attributes:
        functions: By name `tf.function`s from `text` `(B,)` string to a dictionary:
            `serving_default` to
            `log_prob` `(B,)` float32, the natural logarithm of the text's probability;
            `length` `(B,)` int32, its tokens, the end token counted;
            `perplexity` `(B,)` float32;
            `tokens` `(B, T)` string, `<unknown>` for what the vocabulary lacks, `""` after the end;
            `token_log_probs` `(B, T)` float32, those of the tokens, which add up to `log_prob`.
            `continue` to `text` `(B,)` string, what is to be put behind the text; `log_prob` and
            `score` `(B,)` float32, its natural log-probability and what it is ranked by; and
            `length` `(B,)` int32, its tokens, the end token counted.
            `nbest` to `texts`, `scores`, `log_probs` and `lengths` `(B, N)`, best first.
            `sample`, with the further inputs of `TranslationSignatures`'s and `max_length` `(B,)`
            int32, to `text`, `log_prob` and `length`.
            `begin` to `log_probs` `(B, V)` float32, of each token to follow, and the states behind
            the text under their names, `rnn_0_h`, … `(B, U)`.
            `step` from `token_ids` `(B,)` int32 and the states to the same.
            `encode` to `vector` `(B, U)` float32, the last state of a recurrent model.

    """

    inputs = (tf.TensorSpec((None,), tf.string, name="text"),)
    lengths = {"serving_default": {"tokens": ["length"], "token_log_probs": ["length"]}}

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        max_length: int = 200,
        options: Search | None = None,
    ):
        self.models, self.tracked = [model], [tokenizer]
        self._model, self._tokenizer = model, tokenizer
        self._answers = Answers(tokenizer, max_length, Search() if options is None else options)
        self._segment = views.segment(model)
        recurrent = any(layer.name == "recurrent" for layer in model.layers)
        self._step = views.step(model) if recurrent else None
        self.left_out = () if recurrent else ("encode",)
        self._states = {
            name: tf.TensorSpec((None, *value.shape[1:]), value.dtype, name=name)
            for name, value in views.initial_states(model, 1).items()
        }

    def others(self) -> dict[str, Any]:
        limit = tf.TensorSpec((None,), tf.int32, name="max_length")
        token_ids = tf.TensorSpec((None,), tf.int32, name="token_ids")
        return {
            "continue": (self._continue, self.inputs),
            "nbest": (self._nbest, self.inputs),
            "sample": (self._sample, (*self.inputs, *sampling_inputs(), limit)),
            "begin": (self._first_step, self.inputs),
            "step": (self._next_step, (token_ids, *self._states.values())),
        }

    def serve(self, text: Tensor) -> dict[str, Tensor]:
        tokens, labels = (self._tokenizer.pad(ids) for ids in next_tokens(text, self._tokenizer))
        states = views.initial_states(self._model, tf.shape(text)[0])
        log_probs = self._score(tokens, labels, states)
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

    def _score(self, tokens, labels, states):
        logits, _ = self._read(tokens, states)
        # In double precision, so that the scores of a long text add up.
        logits = tf.cast(logits, tf.float64) + _closed(logits.shape[-1])
        log_probs = tf.gather(logits, labels, batch_dims=2) - tf.reduce_logsumexp(logits, axis=-1)
        return tf.where(labels == PADDING, tf.zeros([], tf.float64), log_probs)

    def _read(self, tokens, states):
        outputs = self._segment({"tokens": tokens, **states}, training=False)
        return outputs["logits"], {name: outputs[name] for name in states}

    def _continue(self, text):
        begin, last = self._begin(text)
        found = self._answers.search(begin, first=last)
        return {
            "text": self._text_behind(text, found["ids"][:, 0]),
            "log_prob": found["log_prob"][:, 0],
            "score": found["score"][:, 0],
            "length": found["lengths"][:, 0],
        }

    def _nbest(self, text):
        begin, last = self._begin(text)
        found = self._answers.search(begin, ANSWERS, first=last)
        ids = tf.reshape(found["ids"], [-1, tf.shape(found["ids"])[2]])
        texts = self._text_behind(tf.repeat(text, ANSWERS), ids)
        return {
            "texts": tf.reshape(texts, [-1, ANSWERS]),
            "scores": found["score"],
            "log_probs": found["log_prob"],
            "lengths": found["lengths"],
        }

    def _sample(self, text, seed, temperature, top_k, top_p, max_length):
        begin, last = self._begin(text)
        options = seed, temperature, top_k, top_p
        # A request for no token at all gets one.
        limit = tf.clip_by_value(max_length, 1, self._answers.max_length)
        found = self._answers.draw(begin, *options, first=last, limit=limit)
        return {
            "text": self._text_behind(text, found["ids"]),
            "log_prob": found["log_prob"],
            "length": found["lengths"],
        }

    def _first_step(self, text):
        begin, last = self._begin(text)
        step, states = begin(1, False)
        return self._step_outputs(*step(last, states))

    def _next_step(self, token_ids, *states):
        step, states = self._step_from(dict(zip(self._states, states, strict=True)))
        return self._step_outputs(*step(token_ids, states))

    def _step_outputs(self, logits, states):
        # What never follows has no probability, and JSON no infinity.
        log_probs = tf.nn.log_softmax(logits)
        return {"log_probs": tf.maximum(log_probs, FORBIDDEN), **states}

    def vector(self, text: Tensor) -> Tensor:
        tokens, _ = next_tokens(text, self._tokenizer)
        states = views.initial_states(self._model, tf.shape(text)[0])
        return last_state(self._read(self._tokenizer.pad(tokens), states)[1])

    def _begin(self, text):
        """Reads all tokens but the last, which is what the first step reads."""
        tokens, _ = next_tokens(text, self._tokenizer)
        states = views.initial_states(self._model, tf.shape(text)[0])
        _, states = self._read(self._tokenizer.pad(tokens[:, :-1]), states)

        def begin(copies, coverage):
            return self._step_from(states, copies)

        return begin, tokens[:, -1:].flat_values

    def _step_from(self, states, copies: int = 1):
        if self._step is not None:
            step, states = step_function(self._step, states, copies=copies)
        else:
            step = self._step_by_segment
            states = {name: repeat_rows(value, copies) for name, value in states.items()}

        def open_step(tokens, states):
            logits, states = step(tokens, states)
            logits = tf.cast(logits, tf.float32)
            logits = logits + tf.cast(_closed(logits.shape[-1]), tf.float32)
            return tf.maximum(logits, FORBIDDEN), states

        return open_step, states

    def _step_by_segment(self, tokens, states):
        logits, states = self._read(tokens[:, tf.newaxis], states)
        return logits[:, 0], states

    def _text_behind(self, text, ids):
        """Joins both, so that words get their spaces, and takes the text off again."""
        before = self._tokenizer.split(text)
        after = self._tokenizer.tokens(tf.where(ids == END, PADDING, ids))
        after = tf.ragged.boolean_mask(after, after != "")
        whole = self._tokenizer.join(tf.concat([before, after], axis=1))
        start = tf.strings.length(self._tokenizer.join(before))
        return tf.strings.substr(whole, start, tf.strings.length(whole) - start)


def _closed(vocabulary_size: int):
    """`(V,)` float64: what takes padding and begin out of a softmax, and 0."""
    penalty = np.zeros(vocabulary_size)
    penalty[[PADDING, BEGIN]] = -np.inf
    return tf.constant(penalty, tf.float64)
