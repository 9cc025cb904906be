"""Checks the numbers that a command gets by the types of its arguments."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any

from kerasrnn.options.fields import check_fields, check_value

__all__ = ["checked"]


def checked(command: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a command that refuses numbers out of their range before it does anything.

    Args:
        command: A function whose numbers have types with a range, see `options.ranges`, or stand
            in a dataclass of such fields.

    Returns:
        A function of the same name, signature and help.

    Example:

    >>> from kerasrnn.options.ranges import Count
    >>> def count(file: str, /, *, most: Count = 5): print(file, most)
    >>> checked(count)("text.txt", most=7)  # and not with 0
    text.txt 7
    """

    @functools.wraps(command)
    def run(*values: Any, **named: Any) -> Any:
        hints = typing.get_type_hints(command, include_extras=True)
        for name, value in inspect.signature(command).bind(*values, **named).arguments.items():
            if dataclasses.is_dataclass(value):
                check_fields(value)
            elif _is_number(hints[name]):
                check_value(name, hints[name], value)
        return command(*values, **named)

    return run


def _is_number(hint: Any) -> bool:
    """Whether a type is that of a number, or of none."""
    if typing.get_origin(hint) is typing.Annotated:
        return _is_number(typing.get_args(hint)[0])
    return hint in (int, float) or any(map(_is_number, typing.get_args(hint)))
