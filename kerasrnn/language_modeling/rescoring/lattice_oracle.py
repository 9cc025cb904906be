"""The path of a lattice with the fewest word errors.

Dynamic programming over nodes and places of the reference: `costs[node][j]` is the least number of
edits between the first j words of the reference and the words of a path to the node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from kerasrnn.language_modeling.rescoring.lattice import Lattice

__all__ = ["least_wrong_path"]


def least_wrong_path(lattice: Lattice, reference: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Finds the words of a path that is nearest to a reference, and their distance.

    Args:
        lattice: A `Lattice`.
        reference: n words.

    Returns:
        The words, and the least number of substitutions, deletions and insertions.
    """
    places = np.arange(len(reference) + 1)
    costs = {lattice.start: places}
    for node in lattice.nodes:
        for arc in lattice.arcs_into[node] if node != lattice.start else ():
            if arc.start in costs:
                steps = _after(lattice.word_of(arc), costs[arc.start], reference)
                costs[node] = np.minimum(costs.get(node, steps), steps)
        if node in costs:  # then the words of the reference that are missing
            costs[node] = np.minimum.accumulate(costs[node] - places) + places
    return _trace(lattice, costs, reference), int(costs[lattice.end][-1])


def _after(word: str | None, costs: np.ndarray, reference: Sequence[str]) -> np.ndarray:
    """Returns the costs behind an arc, but for deletions."""
    if word is None:
        return costs
    wrong = np.array([word != other for other in reference], "int64")
    return np.concatenate([costs[:1] + 1, np.minimum(costs[1:] + 1, costs[:-1] + wrong)])


def _trace(
    lattice: Lattice, costs: dict[int, np.ndarray], reference: Sequence[str]
) -> tuple[str, ...]:
    """Goes back from the end over steps that explain the costs; the first such arc is taken."""
    node, j, words = lattice.end, len(reference), []
    while node != lattice.start:
        for arc in lattice.arcs_into[node]:
            word, before = lattice.word_of(arc), costs.get(arc.start)
            if before is not None and _after(word, before, reference)[j] == costs[node][j]:
                break
        else:
            j -= 1  # a word of the reference is missing
            continue
        if word is not None:
            words.append(word)
            # A word too many leaves the place as it is.
            j -= int(before[j] + 1 != costs[node][j])
        node = arc.start
    return tuple(reversed(words))
