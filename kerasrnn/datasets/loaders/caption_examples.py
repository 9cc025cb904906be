"""Loader of images with a text each, and the tokenizer of the texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.pipeline import teacher_forcing
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.options.words import Level
from kerasrnn.text import Tokenizer
from kerasrnn.text.as_written import as_written
from kerasrnn.vocabulary import BEGIN, END, RESERVED, Vocabulary

__all__ = ["caption_tokenizer", "captioned_image_examples", "start_token"]

IMAGES_AT_ONCE = 16
PARTS = "image", "start", "text"


def start_token(start: str) -> str:
    """Returns the token that asks for a text, such as `<de>`; no text contains it."""
    return f"<{start}>"


def caption_tokenizer(
    images: tf.data.Dataset, level: Level = "character", **options: Any
) -> tuple[Tokenizer, tuple[str, ...]]:
    """Builds the vocabulary of the texts, with a token for each start, from the training split.

    Args:
        images: Of `(image, start, text)`, see `captioned_images`; or of `(start, text)`, see
            `caption_texts`, for which no image has to be decoded.
        level: That of the `Tokenizer`.
        **options: Those of `Tokenizer.train`.

    Returns:
        The tokenizer, whose first tokens are those of the starts, and the starts, sorted; none
        where there is none.
    """
    found: set[str] = set()

    def texts() -> Iterator[tf.Tensor]:
        examples = as_dataset(images, PARTS, ranks={"image": 3})
        for names, batch in examples.map(as_written(lambda *parts: parts[-2:])).batch(1024):
            found.update(name.decode("utf-8") for name in names.numpy())
            yield batch

    trained = Tokenizer.train(texts(), level, **options)
    starts = tuple(sorted(found - {""}))
    tokens = [start_token(start) for start in starts]
    kept = [token for token in trained.vocabulary.tokens if token not in tokens]
    vocabulary = Vocabulary([*tokens, *kept])
    return Tokenizer.from_config(trained.get_config(), vocabulary), starts


def captioned_image_examples(
    images: tf.data.Dataset, tokenizer: Tokenizer, starts: Sequence[str] = ()
) -> Examples:
    """Encodes images with a text each for a `one_to_many`.

    Args:
        images: Of `(image, start, text)`, see `captioned_images`.
        tokenizer: What `caption_tokenizer` returned.
        starts: The starts that it returned.

    Returns:
        `Examples`, whose batches are `features` `(B, H, W, C)` float32 from 0 to 1 and `target`
        `(B, T)` int32, which begins with the token of the start, or the begin id; the labels
        `(B, T)` int32, which end with the end id; the weights `(B, T)` float32.

    Raises:
        ValueError: For an image, while it is read, with a start that is not among them.
    """
    images = as_dataset(images, PARTS, ranks={"image": 3})
    known = tf.constant(["", *starts])
    ids = tf.constant([BEGIN, *range(len(RESERVED), len(RESERVED) + len(starts))], tf.int32)
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(known, ids), -1)

    def encode(image, start, text):
        labels = tf.concat([tokenizer.encode(text[tf.newaxis])[0], [END]], axis=0)
        first = table.lookup(start)
        message = f"Expected a start to be one of {', '.join(starts) or 'none'}."
        with tf.control_dependencies([tf.debugging.Assert(first >= 0, [message, start])]):
            return image, tf.identity(first), labels

    def finish(images, first, labels):
        features = tf.image.convert_image_dtype(images, tf.float32)
        (x, y, weights) = teacher_forcing({"features": features}, labels)
        target = tf.concat([first[:, tf.newaxis], x["target"][:, 1:]], axis=1)
        return {**x, "target": target}, y, weights

    encoded = images.map(as_written(encode), num_parallel_calls=tf.data.AUTOTUNE)
    key = ("captions", *tokenizer.key(), list(starts))
    return Examples(encoded.ragged_batch(IMAGES_AT_ONCE), (2,), finish, key)
