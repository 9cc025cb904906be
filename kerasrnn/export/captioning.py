"""Image bytes in, text out: the function that predicts in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.decoding import decode, step_function
from kerasrnn.export.images import decode_images
from kerasrnn.export.saved_model import without_cudnn
from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import BEGIN, PADDING, RESERVED, UNKNOWN

__all__ = ["CaptionFunction"]


class CaptionFunction:
    """Decodes the image and writes its text greedily, all of it in one graph.

    Args:
        model: What `one_to_many` returned for images.
        tokenizer: Tokenizer of the texts, whose first tokens are those of the starts.
        starts: What a text can be asked for by, such as languages.
        max_length: The greatest number of tokens of a text, the end token included.

    Attributes:
        write: A function from features `(B, H, W, C)` float32 and first ids `(B,)` int32 to a
            dictionary of
            `text` `(B,)` string;
            `score` `(B,)` float32, the natural logarithm of each text's probability;
            `tokens` `(B, T)` string, `""` behind the end;
            `length` `(B,)` int32, in tokens, the end token counted;
            `attention` `(B, T, N)` float32, with attention only: row t holds the weights over the
            N places of the image with which token t was drawn.
        serve: A `tf.function` from `image_bytes` `(B,)` string, and `start` `(B,)` string where
            there are starts, to the same. An unknown start is taken for the first one.
        tracked: What an export has to track.
    """

    def __init__(
        self, model: keras.Model, tokenizer: Tokenizer, starts: Sequence[str], max_length: int
    ):
        starts = list(starts)
        shape = next(tensor.shape[1:] for tensor in model.inputs if tensor.name == "features")
        encode, step = views.encode(model), views.step(model)
        attends = any(layer.name == "attention" for layer in model.layers)
        attention = views.attention_scores(model) if attends else None
        first_ids = range(len(RESERVED), len(RESERVED) + len(starts))
        with tf.init_scope():
            names = tf.constant(starts or [""])
            self._table = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(
                    names, tf.constant([*first_ids] or [BEGIN], tf.int32)
                ),
                len(RESERVED) if starts else BEGIN,
            )
        self.tracked = [model, tokenizer, self._table]

        def write(features, first):
            with without_cudnn(model):
                answer = decode(
                    *step_function(step, encode(features, training=False)),
                    max_length=max_length,
                    banned=(PADDING, UNKNOWN, BEGIN, *first_ids),
                    first=first,
                )
                outputs = {
                    "text": tokenizer.decode(answer["ids"]),
                    "score": answer["log_prob"],
                    "tokens": tokenizer.tokens(answer["ids"]),
                    "length": answer["lengths"],
                }
                if attention is not None:
                    target = tf.concat([first[:, tf.newaxis], answer["ids"][:, :-1]], axis=1)
                    inputs = {"features": features, "target": target}
                    real = (answer["ids"] != PADDING)[:, :, tf.newaxis]
                    outputs["attention"] = tf.where(real, attention(inputs, training=False), 0.0)
            return outputs

        def serve(image_bytes, start=None):
            if start is None:
                first = tf.fill([tf.shape(image_bytes)[0]], BEGIN)
            else:
                first = self._table.lookup(start)
            return write(decode_images(image_bytes, shape), first)

        self.write = tf.function(write, autograph=False, reduce_retracing=True)
        signature = [tf.TensorSpec((None,), tf.string, name="image_bytes")]
        if starts:
            signature.append(tf.TensorSpec((None,), tf.string, name="start"))
        self.serve = tf.function(serve, input_signature=signature, autograph=False)
