"""Texts from a grammar: templates whose gaps are filled by templates again, by chance."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

__all__ = ["choose", "expand", "folded", "shuffled"]

Item = TypeVar("Item")
Rules = Mapping[str, Sequence[str]]


def choose(items: Sequence[Item], generator: random.Random) -> Item:
    """Draws one of several items, each as likely as another.

    Python promises the same numbers in every version for `random` alone, not for `choice`.

    Args:
        items: At least one.
        generator: Where chance comes from.

    Returns:
        An item.
    """
    return items[int(generator.random() * len(items))]


def shuffled(items: Sequence[Item], generator: random.Random) -> list[Item]:
    """Puts items in an order of chance, the same one in every version of Python."""
    keys = [generator.random() for _ in items]
    return [items[i] for i in sorted(range(len(items)), key=keys.__getitem__)]


def expand(
    template: str,
    rules: Rules,
    generator: random.Random,
    known: Mapping[str, str] | None = None,
) -> str:
    """Fills the gaps of a template.

    Args:
        template: A text with the names of gaps in braces, `"See you {when}"`.
        rules: For each name the templates that fill such a gap, each as likely as another.
        generator: Where chance comes from.
        known: What fills the gaps of some names, instead of a rule.

    Returns:
        The text.

    Example:

    >>> rules = {"who": ["the {what}"], "what": ["cat"]}
    >>> expand("{who} saw {other}", rules, random.Random(1), {"other": "me"})
    'the cat saw me'
    """

    def fill(gap: re.Match[str]) -> str:
        name = gap[1]
        if known and name in known:
            return known[name]
        return expand(choose(rules[name], generator), rules, generator, known)

    return re.sub(r"\{(\w+)\}", fill, template)


def folded(text: str) -> str:
    """Returns the letters and digits of a text in small, by which two texts count as the same.

    Example:

    >>> folded("Hi there, Ada!") == folded("hi there ada")
    True
    """
    return " ".join(re.findall(r"\w+", text.casefold()))
