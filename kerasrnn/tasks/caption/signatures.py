"""Image bytes in, text out: the functions that predict in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

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
from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import BEGIN, PADDING, RESERVED

__all__ = ["CaptionFunction"]


class CaptionFunction:
    """Decodes the image and writes its text, all of it in one graph.

    Args:
        models: What `one_to_many` returned for images, or several of the same vocabulary and
            image size, whose probabilities are averaged.
        tokenizer: Tokenizer of the texts, whose first tokens are those of the starts.
        starts: What a text can be asked for by, such as languages.
        max_length: The greatest number of tokens of a text, the end token included.
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
        signatures: By name `tf.function`s from `image_bytes` `(B,)` string, and `start` `(B,)`
            string where there are starts, an unknown one being taken for the first:
            `serving_default` to the same;
            `nbest`, `sample` and `score`, with further inputs and with outputs as those of
            `TranslationFunction`;
            `encode` to `vector` `(B, U)` float32, the first state of the decoder.
        lengths: For each signature and output, which outputs say how long its rows are.
        tracked: What an export has to track.

    Raises:
        ValueError: For a coverage penalty without attention or for several models, or
            `replace_unknown`, which needs a text to copy from.
    """

    def __init__(
        self,
        models: keras.Model | Sequence[keras.Model],
        tokenizer: Tokenizer,
        starts: Sequence[str],
        max_length: int,
        options: Search | None = None,
    ):
        models = [models] if isinstance(models, keras.Model) else list(models)
        options, starts = Search() if options is None else options, list(starts)
        self._shape = next(t.shape[1:] for t in models[0].inputs if t.name == "features")
        self._models = models
        self._views = [(views.encode(model), views.step(model)) for model in models]
        attends = any(layer.name == "attention" for layer in models[0].layers)
        _check(options, attends, len(models))
        self._attention = views.attention_scores(models[0]) if attends else None
        first_ids = range(len(RESERVED), len(RESERVED) + len(starts))
        with tf.init_scope():
            names = tf.constant(starts or [""])
            self._table = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(
                    names, tf.constant([*first_ids] or [BEGIN], tf.int32)
                ),
                len(RESERVED) if starts else BEGIN,
            )
        self.tracked = [*models, tokenizer, self._table]
        self._answers = Answers(tokenizer, max_length, options, tuple(first_ids))
        image = tf.TensorSpec((None, *self._shape), tf.float32, name="features")
        self.write = portable(models, self._write, image, tf.TensorSpec((None,), tf.int32))
        inputs = [tf.TensorSpec((None,), tf.string, name="image_bytes")]
        if starts:
            inputs.append(tf.TensorSpec((None,), tf.string, name="start"))
        answer = tf.TensorSpec((None,), tf.string, name="answer")

        def signature(function, *further):
            def of_bytes(image_bytes, *others):
                # The start is the first of the others, where there are starts.
                if starts:
                    first, others = self._table.lookup(others[0]), others[1:]
                else:
                    first = tf.fill([tf.shape(image_bytes)[0]], BEGIN)
                return function(decode_images(image_bytes, self._shape), first, *others)

            return portable(models, of_bytes, *inputs, *further)

        self.signatures = {
            "serving_default": signature(self._write),
            "nbest": signature(self._nbest),
            "sample": signature(self._sample, *sampling_inputs()),
            "score": signature(self._score, answer),
            "encode": signature(self._encode),
        }
        lengths = {"tokens": ["length"], "attention": ["length", None]}
        self.lengths = {
            "serving_default": lengths if attends else {"tokens": ["length"]},
            "score": {"token_log_probs": ["length"]},
        }

    def _write(self, features, first):
        found = self._answers.search(self._begin(features), first=first)
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
            scores = self._attention({"features": features, "target": target}, training=False)
            outputs["attention"] = tf.where((ids != PADDING)[:, :, tf.newaxis], scores, 0.0)
        return outputs

    def _nbest(self, features, first):
        return self._answers.nbest(self._begin(features), first=first)

    def _sample(self, features, first, *options):
        return self._answers.sample(self._begin(features), *options, first=first)

    def _score(self, features, first, answer):
        return target_scores(
            self._answers,
            answer,
            lambda target: [
                model({"features": features, "target": target}, training=False)
                for model in self._models
            ],
            first=first,
        )

    def _encode(self, features, first):
        return {"vector": last_state(self._views[0][0](features, training=False))}

    def _begin(self, features):
        return beginning([(step, encode(features, training=False)) for encode, step in self._views])


def _check(options: Search, attends: bool, models: int) -> None:
    if options.replace_unknown:
        raise UserError("Expected no `replace_unknown`: an image has no words to copy")
    if options.coverage_penalty and not (attends and models == 1):
        raise UserError(
            "Expected one model with attention for `coverage_penalty`. "
            f"Received: {models}, attention {attends}"
        )
