"""Images with a text each: sources and loader."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator, Sequence

import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.datasets.examples import Examples
from kerasrnn.datasets.images import decode_image, read_image
from kerasrnn.datasets.sources import open_split
from kerasrnn.datasets.steps import teacher_forcing
from kerasrnn.datasets.tab_separated import tab_separated_pairs
from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import BEGIN, END, RESERVED, Vocabulary

__all__ = ["caption_tokenizer", "captioned_image_examples", "captioned_images", "start_token"]

EXPECTED = "an image and one text that describes it"


def captioned_images(
    data: str | os.PathLike, split: str = "train", data_dir: str | os.PathLike | None = None
) -> tf.data.Dataset:
    """Reads images with a text each, and with what the text is asked for by.

    Args:
        data: An embedded data set (`"digits"`, whose texts are asked for by a language), a
            tensorflow-datasets name whose examples are an image and a text, or a `.tsv` file with
            the path of an image (from the file's folder), a tab and a text on each line.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.

    Returns:
        A `tf.data.Dataset` of `(image, start, text)`: `(H, W, C)` uint8 and two scalar strings,
        the start being `""` where there is none. Images of a file get the size of its first one.

    Raises:
        ValueError: For an unknown data set or split, or examples of another kind.

    Example:

    >>> images = captioned_images("digits", "validation")
    """
    if pathlib.Path(data).suffix == ".tsv":
        return _images_of_file(pathlib.Path(data), split)
    builder, examples = open_split(data, split, data_dir)
    image, start, text = _features(builder)

    def parts(example):
        return example[image], example[start] if start else "", example[text]

    return examples().map(parts)


def _features(builder: tfds.core.DatasetBuilder) -> tuple[str, str | None, str]:
    """Names image, start and text; supervised keys of the form `((image, start), text)` tell."""
    features = builder.info.features
    inputs, outputs = builder.info.supervised_keys or (list(features), list(features))
    inputs = [inputs] if isinstance(inputs, str) else list(inputs)
    outputs = [outputs] if isinstance(outputs, str) else list(outputs)
    images = [name for name in inputs if isinstance(features[name], tfds.features.Image)]
    texts = [name for name in outputs if isinstance(features[name], tfds.features.Text)]
    starts = [
        name
        for name in inputs
        if isinstance(features[name], tfds.features.Text) and name not in texts
    ]
    if len(images) != 1 or len(texts) != 1 or len(starts) > 1:
        raise ValueError(
            f"Expected a data set of {EXPECTED}. Received: {builder.name!r} with the features "
            f"{', '.join(features)}"
        )
    return images[0], starts[0] if starts else None, texts[0]


def _images_of_file(path: pathlib.Path, split: str) -> tf.data.Dataset:
    pairs = tab_separated_pairs(path, split)
    first = next(iter(pairs.take(1).as_numpy_iterator()))[0].decode("utf-8")
    shape = read_image(path.parent / first).shape

    def images() -> Iterator[tuple]:
        for name, text in pairs.as_numpy_iterator():
            content = (path.parent / name.decode("utf-8")).read_bytes()
            yield decode_image(content, shape), b"", text

    signature = (tf.TensorSpec(shape, tf.uint8), *(tf.TensorSpec((), tf.string),) * 2)
    return tf.data.Dataset.from_generator(images, output_signature=signature)


def start_token(start: str) -> str:
    """Returns the token that asks for a text, such as `<de>`; no text contains it."""
    return f"<{start}>"


def caption_tokenizer(
    images: tf.data.Dataset, level: str = "character", **options
) -> tuple[Tokenizer, tuple[str, ...]]:
    """Builds the vocabulary of the texts, with a token for each start, from the training split.

    Args:
        images: Of `(image, start, text)`, see `captioned_images`.
        level: `"character"`, `"word"` or `"whitespace"`.
        **options: `min_count` and `max_size` of `Vocabulary.build`.

    Returns:
        The tokenizer, whose first tokens are those of the starts, and the starts, sorted; none
        where there is none.
    """
    batches = images.map(lambda image, start, text: (start, text)).batch(1024)
    starts = {start.decode("utf-8") for names, _ in batches for start in names.numpy()} - {""}
    vocabulary = Tokenizer.train((texts for _, texts in batches), level, **options).vocabulary
    starts = tuple(sorted(starts))
    tokens = [start_token(start) for start in starts]
    kept = [token for token in vocabulary.tokens if token not in tokens]
    return Tokenizer(Vocabulary([*tokens, *kept]), level), starts


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
    known = tf.constant(["", *starts])
    ids = tf.constant([BEGIN, *range(len(RESERVED), len(RESERVED) + len(starts))], tf.int32)
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(known, ids), -1)

    def encode(image, start, text):
        labels = tf.concat([tokenizer.encode(text[tf.newaxis])[0], [END]], axis=0)
        first = table.lookup(start)
        message = f"Expected a start to be one of {', '.join(starts) or 'none'}."
        with tf.control_dependencies([tf.debugging.Assert(first >= 0, [message, start])]):
            return tf.image.convert_image_dtype(image, tf.float32), tf.identity(first), labels

    def finish(features, first, labels):
        (x, y, weights) = teacher_forcing({"features": features}, labels)
        target = tf.concat([first[:, tf.newaxis], x["target"][:, 1:]], axis=1)
        return {**x, "target": target}, y, weights

    encoded = images.map(encode, num_parallel_calls=tf.data.AUTOTUNE).cache()
    return Examples(encoded, lambda image, first, labels: tf.size(labels), finish)
