"""The path of a lattice with the fewest word errors.

Dynamic programming over nodes and places of the reference: `costs[node][j]` is the least number of
edits between the first j words of the reference and the words of a path to the node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["least_wrong_path"]

# The node where an arc begins, and what is said on it, `None` for what counts for nothing.
Step = tuple[int, str | None]


def least_wrong_path(
    steps_into: Mapping[int, Sequence[Step]], start: int, end: int, reference: Sequence[str]
) -> tuple[tuple[str, ...], int]:
    """Finds the words of a path that is nearest to a reference, and their distance.

    Args:
        steps_into: By node, each after those before it, the arcs that lead to it.
        start: The node where all paths begin.
        end: The node where they end, which can be reached.
        reference: n words.

    Returns:
        The words, and the least number of substitutions, deletions and insertions.
    """
    places = np.arange(len(reference) + 1)
    costs = {start: places}
    for node, steps in steps_into.items():
        for before, word in steps if node != start else ():
            if before in costs:
                after = _after(word, costs[before], reference)
                costs[node] = np.minimum(costs.get(node, after), after)
        if node in costs:  # then the words of the reference that are missing
            costs[node] = np.minimum.accumulate(costs[node] - places) + places
    return _trace(steps_into, start, end, costs, reference), int(costs[end][-1])


def _after(word: str | None, costs: np.ndarray, reference: Sequence[str]) -> np.ndarray:
    """Returns the costs behind an arc, but for deletions."""
    if word is None:
        return costs
    wrong = np.array([word != other for other in reference], "int64")
    return np.concatenate([costs[:1] + 1, np.minimum(costs[1:] + 1, costs[:-1] + wrong)])


def _trace(
    steps_into: Mapping[int, Sequence[Step]],
    start: int,
    end: int,
    costs: dict[int, np.ndarray],
    reference: Sequence[str],
) -> tuple[str, ...]:
    """Goes back from the end over steps that explain the costs; the first such arc is taken."""
    node, j, words = end, len(reference), []
    while node != start:
        for before, word in steps_into[node]:
            cost = costs.get(before)
            if cost is not None and _after(word, cost, reference)[j] == costs[node][j]:
                break
        else:
            j -= 1  # a word of the reference is missing
            continue
        if word is not None:
            words.append(word)
            # A word too many leaves the place as it is.
            j -= int(cost[j] + 1 != costs[node][j])
        node = before
    return tuple(reversed(words))
