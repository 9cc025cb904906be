"""Models over the same tokens: checked, and their ids brought into one order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.vocabulary import RESERVED, Vocabulary

__all__ = ["ids_in_order_of", "reconcile"]


def reconcile(vocabularies: Sequence[Vocabulary]) -> list[np.ndarray | None]:
    """Finds where each vocabulary has the tokens of the first.

    Args:
        vocabularies: The vocabularies of models that are to work together, the first of which
            gives the order of ids.

    Returns:
        For each of them `(V,)` int64, its ids in the order of the first, so that
        `distribution[..., ids]` is in that order; `None` where the order is the same.

    Raises:
        ValueError: Where one has other tokens than the first; the message names both sizes and
            a few of the tokens.

    Example:

    >>> reconcile([Vocabulary(["a", "b"]), Vocabulary(["b", "a"])])
    [None, array([0, 1, 2, 3, 5, 4])]
    """
    if not vocabularies:
        raise UserError("Expected at least one model. Received: none")
    first, *others = vocabularies
    for other in others:
        if set(other.tokens) != set(first.tokens):
            raise UserError(
                "Expected models over the same tokens (`Expanded` gives a model whose rare words "
                f"are merged those of the full vocabulary). Received: {_difference(first, other)}"
            )
    return [None, *(ids_in_order_of(first, other) for other in others)]


def ids_in_order_of(first: Vocabulary, other: Vocabulary) -> np.ndarray | None:
    """Returns the other's ids of the first's tokens, `(V,)` int64, `None` for the same order."""
    if other == first:
        return None
    return np.array([*range(len(RESERVED)), *map(other.id_of, first.tokens)], "int64")


def _difference(first: Vocabulary, other: Vocabulary) -> str:
    sizes = f"one of {len(first.tokens):,} tokens and one of {len(other.tokens):,}"
    alone = [
        f"{', '.join(map(repr, tokens[:3]))}{' and others' * (len(tokens) > 3)} only in the {name}"
        for name, tokens in [
            ("first", [token for token in first.tokens if token not in other]),
            ("second", [token for token in other.tokens if token not in first]),
        ]
        if tokens
    ]
    return f"{sizes}; {'; '.join(alone)}"
