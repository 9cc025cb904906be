"""Image bytes in, text out: the functions that predict in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.checks import UserError
from kerasrnn.decoding import Search
from kerasrnn.export.answers import (
    Answers,
    beginning,
    last_state,
    sampling_inputs,
    target_scores,
)
from kerasrnn.export.images import decode_images
from kerasrnn.export.saved_model import portable
from kerasrnn.export.signatures import Signatures
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, PADDING, RESERVED

__all__ = ["CaptionSignatures", "check_search"]


class CaptionSignatures(Signatures):
    """Decodes the image and writes its text, all of it in one graph.

    Args:
        models: What `one_to_many` returned for images, or several of the same vocabulary and
            image size, whose probabilities are averaged.
        tokenizer: Tokenizer of the texts, whose first tokens are those of the starts.
        starts: What a text can be asked for by, such as languages.
        max_length: Maximum number of tokens of a text, the end token included.
        options: How texts are searched for.

    Attributes:
        write: A function from features `(B, H, W, C)` float32 and first ids `(B,)` int32 to a
            dictionary of
            `text` `(B,)` string;
            `log_prob` `(B,)` float32, the natural logarithm of each text's probability;
            `score` `(B,)` float32, what texts are ranked by: `log_prob` normalised by the length,
            plus the coverage penalty;
            `tokens` `(B, T)` string, `""` behind the end;
            `length` `(B,)` int32, in tokens, the end token counted;
            `attention` `(B, T, N)` float32, with attention only: row t holds the weights over the
            N places of the image with which token t was drawn.
        functions: By name `tf.function`s from `image_bytes` `(B,)` string, and `start` `(B,)`
            string where there are starts, an unknown one being taken for the first:
            `serving_default` to the same;
            `nbest`, `sample` and `score`, with further inputs and with outputs as those of
            `TranslationSignatures`;
            `encode` to `vector` `(B, U)` float32, the first state of the decoder.
    """

    def __init__(
        self,
        models: keras.Model | Sequence[keras.Model],
        tokenizer: Tokenizer,
        starts: Sequence[str],
        max_length: int,
        options: Search | None = None,
    ):
        self.models = [models] if isinstance(models, keras.Model) else list(models)
        first: keras.Model = self.models[0]
        self._shape = next(t.shape[1:] for t in first.inputs if t.name == "features")
        self._views = [(views.encode(model), views.step(model)) for model in self.models]
        attends = _has_attention(self.models[0])
        self._attention = views.attention_scores(first, encoded=True) if attends else None
        self._starts = list(starts)
        first_ids = range(len(RESERVED), len(RESERVED) + len(starts))
        with tf.init_scope():
            names = tf.constant(self._starts or [""])
            self._table = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(
                    names, tf.constant([*first_ids] or [BEGIN], tf.int32)
                ),
                len(RESERVED) if starts else BEGIN,
            )
        self.tracked = [tokenizer, self._table]
        search = Search() if options is None else options
        self._answers = Answers(tokenizer, max_length, search, tuple(first_ids))
        image = tf.TensorSpec((None, *self._shape), tf.float32, name="features")
        first = tf.TensorSpec((None,), tf.int32)
        self.write = portable(self.models, self._write, image, first)
        inputs = ("image_bytes", "start") if starts else ("image_bytes",)
        self.inputs = [tf.TensorSpec((None,), tf.string, name=name) for name in inputs]
        lengths = {"tokens": ["length"], "attention": ["length", None]}
        self.lengths = {
            "serving_default": lengths if attends else {"tokens": ["length"]},
            "score": {"token_log_probs": ["length"]},
        }

    def others(self) -> dict[str, Any]:
        answer = tf.TensorSpec((None,), tf.string, name="answer")
        return {
            "nbest": (self._nbest, self.inputs),
            "sample": (self._sample, (*self.inputs, *sampling_inputs())),
            "score": (self._score, (*self.inputs, answer)),
        }

    def serve(self, *inputs: Tensor) -> dict[str, Tensor]:
        features, first, _ = self._decoded(*inputs)
        return self._write(features, first)

    def vector(self, *inputs: Tensor) -> Tensor:
        features, _, _ = self._decoded(*inputs)
        return last_state(self._views[0][0](features, training=False))

    def _decoded(self, image_bytes, *others):
        """Images, the first ids, and what is left of the inputs behind those of all signatures."""
        if self._starts:
            first, others = self._table.lookup(others[0]), others[1:]
        else:
            first = tf.fill([tf.shape(image_bytes)[0]], BEGIN)
        return decode_images(image_bytes, self._shape), first, others

    def _write(self, features, first):
        encoded, begin = self._begin(features)
        found = self._answers.search(begin, first=first)
        ids = found["ids"][:, 0]
        outputs = {
            "text": self._answers.texts(ids),
            "log_prob": found["log_prob"][:, 0],
            "score": found["score"][:, 0],
            "tokens": self._answers.words(ids),
            "length": found["lengths"][:, 0],
        }
        if self._attention is not None:
            target = tf.concat([first[:, tf.newaxis], ids[:, :-1]], axis=1)
            scores = self._attention({**encoded, "target": target}, training=False)
            outputs["attention"] = tf.where((ids != PADDING)[:, :, tf.newaxis], scores, 0.0)
        return outputs

    def _nbest(self, *inputs):
        features, first, _ = self._decoded(*inputs)
        return self._answers.nbest(self._begin(features)[1], first=first)

    def _sample(self, *inputs):
        features, first, options = self._decoded(*inputs)
        return self._answers.sample(self._begin(features)[1], *options, first=first)

    def _score(self, *inputs):
        features, first, (answer,) = self._decoded(*inputs)
        return target_scores(
            self._answers,
            answer,
            lambda target: [
                model({"features": features, "target": target}, training=False)
                for model in self.models
            ],
            first=first,
        )

    def _begin(self, features):
        """What the first model makes of images, and the begin of a search."""
        encoded = [encode(features, training=False) for encode, _ in self._views]
        steps = (step for _, step in self._views)
        return encoded[0], beginning(list(zip(steps, encoded, strict=True)))


def check_search(search: Search, models: Sequence[keras.Model]) -> None:
    """Raises a `UserError` for options of a search that some models cannot serve."""
    if search.replace_unknown:
        raise UserError("Expected no `replace_unknown`: an image has no words to copy")
    attends = _has_attention(models[0])
    if search.coverage_penalty and not (attends and len(models) == 1):
        raise UserError(
            "Expected one model with attention for `coverage_penalty`. "
            f"Received: {len(models)}, attention {attends}"
        )


def _has_attention(model: keras.Model) -> bool:
    """Whether a model of images attends to their places."""
    return any(layer.name == "attention" for layer in model.layers)
