"""Raw text in, raw text out: the functions that predict in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.checks import UserError
from kerasrnn.decoding import Search
from kerasrnn.export.answers import (
    ANSWERS,
    Answers,
    beginning,
    last_state,
    sampling_inputs,
    target_scores,
    token_counts,
)
from kerasrnn.export.signatures import Signatures
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, PADDING

__all__ = ["TranslationSignatures", "check_search"]


class TranslationSignatures(Signatures):
    """Tokenises, encodes, searches and joins the answer, all of it in one graph.

    Args:
        models: What `encoder_decoder` returned, or several of the same vocabularies, whose
            probabilities are averaged; the attention that is shown is that of the first.
        source: Tokenizer of the source.
        target: Tokenizer of the target.
        max_length: Maximum number of tokens of an answer, the end token included.
        options: How answers are searched for.

    Attributes:
        functions: By name `tf.function`s from `(B,)` tensors to a dictionary:
            `serving_default` from `text` string to
            `text` `(B,)` string, the answers;
            `log_prob` `(B,)` float32, the natural logarithm of each answer's probability;
            `score` `(B,)` float32, what answers are ranked by: `log_prob` normalised by the
            length, plus the coverage penalty;
            `source_tokens` `(B, S)` and `target_tokens` `(B, T)` string, `""` after the end;
            `source_length` and `target_length` `(B,)` int32, in tokens, the end token counted;
            `attention` `(B, T, S)` float32, with attention only: row t holds the weights over the
            source tokens with which token t of the answer (the end token is the last) was drawn.
            `complete` from `text` and `prefix` string to the same, for answers that begin with the
            prefix.
            `nbest` from `text` to `texts` `(B, N)` string, best first, and `scores`, `log_probs`
            `(B, N)` float32 and `lengths` `(B, N)` int32; what is missing has length 0 and −1e9.
            `sample` from `text`, `seed` int64, `temperature` float32, `top_k` int32 and `top_p`
            float32 to `text`, `log_prob` and `length`; see `decoding.sampling`.
            `score` from `text` and `answer` string to `log_prob`, `score`, `length` and
            `token_log_probs` `(B, T)` float32, 0 behind the end token.
            `encode` from `text` to `vector` `(B, U)` float32, the last state of the encoder.

    """

    inputs = (tf.TensorSpec((None,), tf.string, name="text"),)

    def __init__(
        self,
        models: keras.Model | Sequence[keras.Model],
        source: Tokenizer,
        target: Tokenizer,
        max_length: int,
        options: Search | None = None,
    ):
        self.models = [models] if isinstance(models, keras.Model) else list(models)
        self.tracked = [source, target]
        self._source, self._target = source, target
        self._views = [(views.encode(model), views.step(model)) for model in self.models]
        attends = _has_memory(self._views[0][0])
        first = self.models[0]
        self._attention = views.attention_scores(first, encoded=True) if attends else None
        self._answers = Answers(target, max_length, Search() if options is None else options)
        lengths = {"source_tokens": ["source_length"], "target_tokens": ["target_length"]}
        if attends:
            lengths["attention"] = ["target_length", "source_length"]
        self.lengths = {
            "serving_default": lengths,
            "complete": lengths,
            "score": {"token_log_probs": ["length"]},
        }

    def others(self) -> dict[str, Any]:
        prefix, answer = (tf.TensorSpec((None,), tf.string, name=n) for n in ("prefix", "answer"))
        return {
            "complete": (self._complete, (*self.inputs, prefix)),
            "nbest": (self._nbest, self.inputs),
            "sample": (self._sample, (*self.inputs, *sampling_inputs())),
            "score": (self._score, (*self.inputs, answer)),
        }

    def serve(self, text: Tensor) -> dict[str, Tensor]:
        return self._answer(text, None)

    def _complete(self, text, prefix):
        ids = self._target.ids_of(self._target.split(prefix))
        return self._answer(text, self._target.pad(ids))

    def _answer(self, text, prefix):
        padded, encoded, begin = self._begin(text)
        found = self._answers.search(begin, prefix=prefix)
        ids = found["ids"][:, 0]
        scores = self._attention_scores(encoded, ids)
        tokens = self._source_tokens(text)
        replacements = self._replacements(tokens, scores)
        outputs = {
            "text": self._answers.texts(ids, replacements),
            "log_prob": found["log_prob"][:, 0],
            "score": found["score"][:, 0],
            "source_tokens": tokens,
            "target_tokens": self._answers.words(ids, replacements),
            "source_length": token_counts(padded),
            "target_length": found["lengths"][:, 0],
        }
        return outputs if scores is None else {**outputs, "attention": scores}

    def _nbest(self, text):
        _, encoded, begin = self._begin(text)
        return self._answers.nbest(begin, replacements=self._copier(text, encoded, ANSWERS))

    def _sample(self, text, *options):
        _, encoded, begin = self._begin(text)
        return self._answers.sample(begin, *options, replacements=self._copier(text, encoded))

    def _score(self, text, answer):
        source = self._source.pad(self._source.encode(text))
        return target_scores(
            self._answers,
            answer,
            lambda target: [
                model({"source": source, "target": target}, training=False) for model in self.models
            ],
        )

    def vector(self, text: Tensor) -> Tensor:
        encoded = self._views[0][0](self._source.pad(self._source.encode(text)), training=False)
        return last_state(encoded)

    def _begin(self, text):
        """The ids of the source, what the first model makes of them, and the begin of a search."""
        padded = self._source.pad(self._source.encode(text))
        encoded = [encode(padded, training=False) for encode, _ in self._views]
        steps = (step for _, step in self._views)
        return padded, encoded[0], beginning(list(zip(steps, encoded, strict=True)))

    def _source_tokens(self, text):
        """`(B, S)` string, S as wide as the ids, which have an unknown one for an empty text."""
        tokens = self._source.split(text).to_tensor("")
        return tf.pad(tokens, [[0, 0], [0, tf.cast(tf.shape(tokens)[1] == 0, tf.int32)]])

    def _attention_scores(self, encoded, ids):
        """Scores of all steps at once, which is cheaper than collecting them in the loop."""
        if self._attention is None:
            return None
        begin = tf.fill([tf.shape(ids)[0], 1], BEGIN)
        target = tf.concat([begin, ids[:, :-1]], axis=1)
        scores = self._attention({**encoded, "target": target}, training=False)
        return tf.where((ids != PADDING)[:, :, tf.newaxis], scores, 0.0)

    def _replacements(self, tokens, scores):
        """The source token that each target token attended to most, `(B, T)` string."""
        if not self._answers.options.replace_unknown:
            return None
        return tf.gather(tokens, tf.argmax(scores, axis=-1), batch_dims=1)

    def _copier(self, text, encoded, copies: int = 1):
        """From ids `(B × copies, T)` to what replaces unknown ones, or `None`."""
        if not self._answers.options.replace_unknown:
            return None
        tokens = tf.repeat(self._source_tokens(text), copies, axis=0)
        encoded = {name: tf.repeat(value, copies, axis=0) for name, value in encoded.items()}
        return lambda ids: self._replacements(tokens, self._attention_scores(encoded, ids))


def check_search(search: Search, models: Sequence[keras.Model]) -> None:
    """Raises a `UserError` for options of a search that some models cannot serve."""
    needing = [
        name
        for name, value in (
            ("coverage_penalty", search.coverage_penalty),
            ("replace_unknown", search.replace_unknown),
        )
        if value
    ]
    if needing and not _has_memory(views.encode(models[0])):
        raise UserError(f"Expected a model with attention for `{needing[0]}`. Received: without")
    if search.coverage_penalty and len(models) > 1:
        raise UserError(f"Expected one model for `coverage_penalty`. Received: {len(models)}")


def _has_memory(encode: keras.Model) -> bool:
    """Whether the encoder, a view of it, gives a decoder something to attend to."""
    return "memory" in encode.output
