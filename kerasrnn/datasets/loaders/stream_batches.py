"""Loader of texts whose next token is predicted, as one running stream of any length."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError, check_integer
from kerasrnn.datasets.batches.batch_plan import check_shard
from kerasrnn.datasets.batches.example_cache import cached_store
from kerasrnn.datasets.batches.pipeline import encode_in_bulk, read_ahead
from kerasrnn.datasets.batches.store import Store
from kerasrnn.datasets.batches.stored_columns import FileRows, MemoryRows, pad_rows
from kerasrnn.datasets.loaders.text_examples import next_tokens
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.text import Tokenizer
from kerasrnn.text.as_written import as_written
from kerasrnn.vocabulary import BEGIN, END, PADDING

__all__ = ["stream_batches"]

# Ids that are read at once, however long the stream is.
READ_AT_ONCE = 2**18


def stream_batches(
    texts: tf.data.Dataset,
    tokenizer: Tokenizer,
    batch_size: int = 64,
    length: int = 100,
    *,
    targets_as_input: bool = False,
    cache: tuple[str | os.PathLike[str], object] | None = None,
    static_shapes: bool = False,
    shard: tuple[int, int] | None = None,
) -> tf.data.Dataset:
    """Makes the batches of one running text, for truncated BPTT with `views.stream`.

    All texts are joined in their order, the end id behind each; where a text begins, the model
    reads the begin id. What is joined is cut into B rows of the same length, up to one token,
    which run on from batch to batch. The texts are encoded once, here; what is more than 256 MB
    of ids is kept in a temporary folder and read from there piece by piece.

    Args:
        texts: Of scalar strings.
        tokenizer: Tokenizer of the texts.
        batch_size: Number of rows B of every batch.
        length: Number of tokens T of a row: the steps that the gradient runs back. The last batch
            may be shorter, or longer by one token, so that no row of it is empty.
        targets_as_input: As in `text_examples`.
        cache: Folder to keep the ids in for later runs, and the source, see `Examples.cached`.
        static_shapes: Whether the last batch has the shape of all others; behind the end of a row
            stand end tokens of weight 0.
        shard: Index of a worker and number of workers, which divides `batch_size`: it gets its
            share of the rows.

    Returns:
        A `tf.data.Dataset` of batches as those of `text_examples`, in their order; each token of
        the texts and each end id is a label once.

    Raises:
        ValueError: Where there are fewer tokens than rows, or a size is below 1.

    Example:

    >>> texts = tf.data.Dataset.from_tensor_slices(["ab", "b"])
    >>> tokenizer = Tokenizer(kerasrnn.Vocabulary("ab"))
    >>> batches = stream_batches(texts, tokenizer, batch_size=2, length=2)
    >>> [(tokens.numpy().tolist(), y.numpy().tolist()) for tokens, y, _ in batches]
    [([[2, 4, 5], [2, 5, 0]], [[4, 5, 3], [5, 3, 0]])]
    """
    for name, value in (("batch_size", batch_size), ("length", length)):
        check_integer(name, value)
    store = _ids(as_dataset(texts, ("text",)), tokenizer, cache)
    if len(store) < batch_size:
        raise UserError(
            f"Expected a split of at least {batch_size} tokens, one for each row of a batch; a "
            f"smaller `batch_size` takes fewer. Received: {len(store)}"
        )
    bounds = _bounds(len(store), batch_size)
    pieces = _pieces(int(np.diff(bounds).max()), length, len(store) % batch_size, static_shapes)
    filler = END if static_shapes else PADDING
    bounds = np.stack([bounds[:-1], bounds[1:]])[:, _share(batch_size, shard)]

    def arrays() -> Iterator[tuple]:
        # Of many batches at once, since what is read of each row is short.
        number = max(1, READ_AT_ONCE // (bounds.shape[1] * length))
        for first in range(0, len(pieces), number):
            some = pieces[first : first + number]
            block = _block(store, bounds, some[0][0], some[-1][1], filler)
            for start, end in some:
                yield tuple(part[:, start - some[0][0] : end - some[0][0]] for part in block)

    shape = (bounds.shape[1], length if static_shapes else None)
    signature = [tf.TensorSpec(shape, kind) for kind in (tf.int32, tf.int32, tf.float32)]
    batches = tf.data.Dataset.from_generator(arrays, output_signature=tuple(signature))

    def finish(tokens, labels, weights):
        x = {"tokens": tokens, "targets": labels} if targets_as_input else tokens
        return x, labels, weights

    batches = batches.map(as_written(finish)).apply(
        tf.data.experimental.assert_cardinality(len(pieces))
    )
    return read_ahead(batches)


def _ids(texts: tf.data.Dataset, tokenizer: Tokenizer, cache) -> Store:
    """Encodes all texts to one column of ids, the end id behind each text."""
    # In two bytes where they do.
    kind = tf.uint16 if len(tokenizer.vocabulary) <= tf.uint16.max else tf.int32

    def encode(batch):
        return tf.cast(next_tokens(batch, tokenizer)[1].flat_values, kind)

    encoded = encode_in_bulk(texts, encode)
    if cache is None:
        return Store.build(encoded)
    return cached_store(encoded, ("stream", *tokenizer.key()), *cache)


def _bounds(number: int, batch_size: int) -> np.ndarray:
    """Where the rows begin, and the last ends; the first ones are longer by one if need be."""
    rows = np.arange(batch_size + 1)
    return rows * (number // batch_size) + np.minimum(rows, number % batch_size)


def _pieces(
    columns: int, length: int, longer_rows: int, static_shapes: bool
) -> list[tuple[int, int]]:
    """Cuts the rows into batches: the columns that each begins and ends with."""
    starts = list(range(0, columns, length))
    if static_shapes:
        return [(start, start + length) for start in starts]
    if columns - starts[-1] == 1 and longer_rows:
        starts.pop()  # a batch with rows of padding only is none
    return list(zip(starts, [*starts[1:], columns], strict=True))


def _share(batch_size: int, shard: tuple[int, int] | None) -> slice:
    index, count = (0, 1) if shard is None else check_shard(shard)
    if batch_size % count:
        raise UserError(
            f"Expected `batch_size` as a multiple of {count}, the number of workers. "
            f"Received: {batch_size}"
        )
    share = batch_size // count
    return slice(index * share, (index + 1) * share)


def _block(store: Store, bounds: np.ndarray, start: int, end: int, filler: int) -> tuple:
    """Reads some columns of the rows: tokens, labels and weights, `(B, end - start)` each."""
    rows: MemoryRows | FileRows = store.columns[0].rows
    begins = np.minimum(bounds[0] + start, bounds[1])
    ends = np.minimum(bounds[0] + end, bounds[1])
    # With the id before each row, which its first token follows; before the first text is none.
    ids = rows.ranges(np.maximum(begins - 1, 0), ends).astype(np.int32)
    if begins[0] == 0:
        ids = np.concatenate([[END], ids])
    ids = pad_rows(ids, ends - begins + 1, end - start + 1)
    is_real = np.arange(end - start) < (ends - begins)[:, np.newaxis]
    before, labels = ids[:, :-1], np.where(is_real, ids[:, 1:], filler)
    tokens = np.where(is_real, np.where(before == END, BEGIN, before), filler)
    return tokens.astype(np.int32), labels.astype(np.int32), is_real.astype(np.float32)
