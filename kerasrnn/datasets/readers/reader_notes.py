"""Notes of file readers: what was guessed, what was left out."""

from __future__ import annotations

import contextlib
import contextvars
import logging
from collections.abc import Iterator
from typing import TextIO

__all__ = ["note", "notes_to", "without_notes"]

# The name that users of the logger know.
_LOG = logging.getLogger("kerasrnn.datasets.notes")
_said: set[str] = set()
_silent = contextvars.ContextVar("silent", default=False)


def note(text: str) -> None:
    """Says something about a file, once: each split of it is read by itself, and several times."""
    if text not in _said and not _silent.get():
        _said.add(text)
        _LOG.info(text)


@contextlib.contextmanager
def notes_to(stream: TextIO) -> Iterator[None]:
    """Prints each note, once, while the context is open.

    In Python notes are messages of the level INFO of the logger `kerasrnn.datasets.notes`.

    Args:
        stream: Where to: standard error for a command whose output is data.

    Example:

    >>> import sys
    >>> with notes_to(sys.stdout):
    ...     note("reviews.csv: the columns are separated by ;")
    reviews.csv: the columns are separated by ;
    """
    handler, level, above = logging.StreamHandler(stream), _LOG.level, _LOG.propagate
    handler.setFormatter(logging.Formatter("%(message)s"))
    _said.clear()
    _LOG.addHandler(handler)
    _LOG.setLevel(logging.INFO)
    _LOG.propagate = False  # other packages may have given the root logger a handler
    try:
        yield
    finally:
        _LOG.removeHandler(handler)
        _LOG.setLevel(level)
        _LOG.propagate = above


@contextlib.contextmanager
def without_notes() -> Iterator[None]:
    """Says nothing while the context is open: what only looks at a file guesses no meaning of it.

    Example:

    >>> with without_notes():
    ...     note("reviews.csv: the columns are separated by ;")
    """
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)
