"""Texts as people have them: lists, arrays, generators, data sets, in batches or one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import tensorflow as tf

from kerasrnn.checks import UserError, check_texts

__all__ = ["batches_of_texts"]

AT_ONCE = 1024


def batches_of_texts(texts: Iterable[Any]) -> Iterable[tf.Tensor]:
    """Makes batches of texts, whatever form the texts have.

    Args:
        texts: Texts, `str` or `bytes`, or batches of them: a list, an array, a column of a table, a
            generator, or a `tf.data.Dataset` of strings.

    Returns:
        An iterable of `(B,)` string tensors, or a `tf.data.Dataset` of them where one was given.

    Raises:
        ValueError: For one text alone, a table, a data set of something else; and while it is
            read, for what is no text, such as `None` or NaN.

    Example:

    >>> [batch.numpy().tolist() for batch in batches_of_texts(["a", "b"])]
    [[b'a', b'b']]
    """
    if isinstance(texts, tf.data.Dataset):
        data: Any = texts
        spec = data.element_spec
        if getattr(spec, "dtype", None) != tf.string or not isinstance(
            spec, (tf.TensorSpec, tf.RaggedTensorSpec)
        ):
            raise UserError(f"Expected `texts` to be a data set of strings. Received: {spec}")
        return data.batch(AT_ONCE) if spec.shape.rank == 0 else data
    if isinstance(texts, Mapping) or hasattr(texts, "columns"):
        raise UserError(
            "Expected `texts` to be texts or batches of them, such as one column of a table. "
            f"Received: {type(texts).__name__}"
        )
    if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
        check_texts("texts", texts)
    return _batches(texts)


def _batches(texts: Iterable[Any]) -> Iterator[tf.Tensor]:
    single: list[str | bytes] = []
    for place, each in enumerate(texts):
        if isinstance(each, tf.Tensor) and each.shape.rank == 0:
            each = each.numpy()
        if isinstance(each, (str, bytes)):
            single.append(each)
        elif isinstance(each, (tf.Tensor, tf.RaggedTensor)):
            yield each
        elif isinstance(each, Iterable):
            yield _tensor(check_texts("texts", each))
        else:
            raise UserError(
                f"Expected `texts` to be texts. Received: {each!r:.60} at place {place}, from 0"
            )
        if len(single) == AT_ONCE:
            yield _tensor(single)
            single = []
    if single:
        yield _tensor(single)


def _tensor(texts: list[str | bytes]) -> tf.Tensor:
    encoded = [text.encode("utf-8", "replace") if isinstance(text, str) else text for text in texts]
    return tf.constant(encoded, tf.string)
