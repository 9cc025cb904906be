"""Lists of inputs: one text is not a list of its characters, nor a table a list of its rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kerasrnn.checks.user_error import UserError

__all__ = ["check_list", "check_sentences", "check_text_pairs", "check_texts"]


def check_list(name: str, inputs: Iterable[Any], what: str = "inputs") -> list[Any]:
    """Returns the inputs as a list; a single text or a table is an error.

    Args:
        name: The argument, for the error.
        inputs: Any iterable, an array or a `tf.data.Dataset`; of a DataFrame only one column.
        what: What they are, for the error.

    Returns:
        The inputs.

    Raises:
        UserError: For a single text or path, a table or dictionary, something that is no iterable,
            or a `None` among them, whose place is named.

    Example:

    >>> check_list("inputs", (1, 2))
    [1, 2]
    """
    found = list(_several(name, inputs, what))
    for i, each in enumerate(found):
        if each is None:
            raise _odd_one(name, what, each, i)
    return found


def check_texts(name: str, inputs: Iterable[Any], what: str = "texts") -> list[Any]:
    """Returns texts as a list; a single text is an error, not a list of its characters.

    Args:
        name: The argument, for the error.
        inputs: Any iterable of `str` or `bytes`, an array or a `tf.data.Dataset` of them.
        what: What they are, for the error.

    Returns:
        The texts.

    Raises:
        UserError: As `check_list`, and for a NaN or anything else that is no text among them.

    Example:

    >>> check_texts("inputs", ("a", "b"))
    ['a', 'b']
    """
    found = [
        each.numpy() if hasattr(each, "numpy") else each for each in _several(name, inputs, what)
    ]
    for i, each in enumerate(found):
        if not isinstance(each, (str, bytes)):
            raise _odd_one(name, what, each, i)
    return found


def check_text_pairs(name: str, inputs: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Returns pairs of texts as a list of tuples.

    Args:
        name: The argument, for the error.
        inputs: Any iterable of pairs of `str` or `bytes`, or an array `(N, 2)` of them.

    Raises:
        UserError: As `check_list`, and for what is no pair of texts among them.

    Example:

    >>> check_text_pairs("inputs", [["a", "b"]])
    [('a', 'b')]
    """
    pairs = []
    for i, each in enumerate(check_list(name, inputs, "pairs of texts")):
        several = isinstance(each, Iterable) and not isinstance(each, (str, bytes))
        pair = tuple(each) if several else (each,)
        if len(pair) != 2 or not all(isinstance(text, (str, bytes)) for text in pair):
            raise _odd_one(name, "pairs of texts", each, i)
        pairs.append(pair)
    return pairs


def check_sentences(
    name: str,
    inputs: Iterable[Any],
    what: str = "sentences",
    token: type | tuple[type, ...] = str,
) -> Iterator[Any]:
    """Returns an iterator over sentences, each of which is checked as it is read.

    Args:
        name: The argument, for the error.
        inputs: Any iterable of sentences, each a text or a sequence of tokens.
        what: What they are, for the error.
        token: What a token may be.

    Returns:
        The sentences: `str`, or lists of tokens.

    Raises:
        UserError: As `check_texts`, for tokens too.

    Example:

    >>> list(check_sentences("sentences", ["a cat", ("a", "cat")]))
    ['a cat', ['a', 'cat']]
    """
    return _sentences(name, _several(name, inputs, what), what, token)


def _sentences(name: str, inputs: Iterable[Any], what: str, token) -> Iterator[Any]:
    for i, each in enumerate(inputs):
        if isinstance(each, token):
            yield each
            continue
        if isinstance(each, (str, bytes)) or not isinstance(each, Iterable):
            raise _odd_one(name, what, each, i)
        tokens = list(each)
        for one in tokens:
            if not isinstance(one, token):
                raise _odd_one(name, f"{what} of tokens", one, i)
        yield tokens


def _several(name: str, inputs: Any, what: str) -> Iterable[Any]:
    if isinstance(inputs, (str, bytes, os.PathLike)):
        raise UserError(
            f"Expected `{name}` to be a list of {what}. Received: only one, {inputs!r:.60} "
            "(put it into a list)"
        )
    if hasattr(inputs, "as_numpy_iterator"):  # a tf.data.Dataset
        return inputs.as_numpy_iterator()
    if hasattr(inputs, "columns") or isinstance(inputs, Mapping):
        names = ", ".join(map(str, list(getattr(inputs, "columns", inputs))[:10]))
        raise UserError(
            f"Expected `{name}` to be a list of {what}. Received: a table with the columns {names} "
            "(take one of them)"
        )
    if hasattr(inputs, "numpy"):  # a tensor
        inputs = inputs.numpy()
    if not isinstance(inputs, Iterable) or getattr(inputs, "shape", None) == ():
        raise UserError(f"Expected `{name}` to be a list of {what}. Received: {inputs!r:.60}")
    return inputs


def _odd_one(name: str, what: str, value, place: int) -> UserError:
    return UserError(
        f"Expected `{name}` to be {what}. Received: {value!r:.60} at place {place}, from 0"
    )
