"""Checks a choice among names, and lists names in a message."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from kerasrnn.checks.user_error import UserError

__all__ = ["check_choice", "first_of"]

Choice = TypeVar("Choice")


def check_choice(name: str, value: Choice, choices: Collection[Choice]) -> Choice:
    """Returns a value that is one of the choices, or raises a `UserError` that lists them.

    Example:

    >>> check_choice("level", "word", ("character", "word"))
    'word'
    """
    if value not in choices:
        raise UserError(f"Expected `{name}` to be one of {tuple(choices)}. Received: {value!r}")
    return value


def first_of(names: Iterable[object], most: int = 10) -> str:
    """Lists names for a message: of many, the first ones and the number of the others.

    Example:

    >>> first_of(["no", "yes"]), first_of("abcdefgh", 3)
    ('no, yes', 'a, b, c and 5 more')
    """
    names = [str(each) for each in names]
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
