"""Weights of rescoring that make the fewest word errors on a development list."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.language_modeling.rescoring.hypotheses import NBestList
from kerasrnn.language_modeling.rescoring.reordering import RescoringWeights, hypothesis_errors

__all__ = ["tune_rescoring"]

# A score that never wins against a finite one, and still is a number.
HOPELESS = -1e30
STARTS = (1.0, 0.1, 10.0, 0.0)


def tune_rescoring(
    lists: Sequence[NBestList],
    scores: Sequence[Sequence[np.ndarray]],
    references: Mapping[str, str | Sequence[str]],
) -> tuple[RescoringWeights, int]:
    """Finds the weights with which rescoring makes the fewest word errors.

    One weight after another takes its best value while the rest stay, until none gets better,
    from several starts. Along one weight the total of each hypothesis is a straight line, so that
    the best value is found exactly: the chosen hypothesis changes only where two lines cross
    (Och 2003, "Minimum error rate training in statistical machine translation"). Of the values
    with the fewest errors it is the middle of the widest stretch. The acoustic scale stays 1,
    since a common factor of all weights changes nothing; the weights of language models are not
    negative. The first pass has a weight where its scores are not all the same.

    A model that carries state scored the lists along answers of other weights: score them again
    with the weights that were found, and tune once more.

    Args:
        lists: The development lists.
        scores: What `score_nbest` gave for them, or the log-probability of each hypothesis.
        references: What was said, by utterance.

    Returns:
        The weights, the same at each call, and the number of errors under them.

    Raises:
        ValueError: For no list at all, or one without a reference.
    """
    if not lists:
        raise UserError("Expected at least one n-best list. Received: none")
    errors = hypothesis_errors(lists, references)
    columns = [
        np.array(
            [
                [hypothesis.acoustic, np.sum(score), len(hypothesis.words), hypothesis.language]
                for hypothesis, score in zip(each.hypotheses, values, strict=True)
            ],
            "float64",
        ).clip(HOPELESS)
        for each, values in zip(lists, scores, strict=True)
    ]
    free = [1, 2] + [3] * any(np.ptp(each[:, 3]) > 0 for each in columns)
    starts = (np.array([1.0, start, 0.0, 0.0]) for start in STARTS)
    found = [_descend(weights, columns, errors, free) for weights in starts]
    best, fewest = min(found, key=lambda each: each[1])  # the first of equals
    names = [field.name for field in dataclasses.fields(RescoringWeights)]
    return RescoringWeights(**dict(zip(names, best.tolist(), strict=True))), fewest


def _descend(
    weights: np.ndarray,
    columns: Sequence[np.ndarray],
    errors: Sequence[np.ndarray],
    free: Sequence[int],
) -> tuple[np.ndarray, int]:
    """Sets one weight after another to its best value, while that lowers the errors."""
    fewest, better = _errors_under(weights, columns, errors), True
    while better:
        better = False
        for which in free:
            value = _best_value(weights, which, columns, errors)
            tried = np.where(np.arange(len(weights)) == which, value, weights)
            number = _errors_under(tried, columns, errors)
            if number < fewest:
                weights, fewest, better = tried, number, True
    return weights, fewest


def _errors_under(
    weights: np.ndarray, columns: Sequence[np.ndarray], errors: Sequence[np.ndarray]
) -> int:
    pairs = zip(columns, errors, strict=True)
    return sum(int(wrong[(each @ weights).argmax()]) for each, wrong in pairs)


def _best_value(
    weights: np.ndarray,
    which: int,
    columns: Sequence[np.ndarray],
    errors: Sequence[np.ndarray],
) -> float:
    """Returns the middle of the widest stretch of one weight's values with the fewest errors."""
    others = np.where(np.arange(len(weights)) == which, 0.0, weights)
    low = -np.inf if which == 2 else 0.0  # only the penalty may be negative
    first, crossings, changes = 0, [], []
    for each, wrong in zip(columns, errors, strict=True):
        winners, points = _upper_envelope(each @ others, each[:, which], low)
        first += int(wrong[winners[0]])
        crossings += points
        changes += np.diff(wrong[winners]).tolist()
    order = np.argsort(crossings, kind="stable")
    points = np.array(crossings)[order]
    numbers = first + np.cumsum([0, *np.array(changes, "int64")[order]])
    # The outermost stretches have no end; they are given one.
    reach = 1 + 2 * max(np.abs(points), default=0.0)
    edges = np.concatenate([[max(low, -reach)], points, [reach]])
    widths = np.diff(edges)
    # Where several lines cross at one value, what lies between is no stretch.
    numbers = np.where(widths > 0, numbers, numbers.max() + 1)
    stretch = np.lexsort((-widths, numbers))[0]
    return float((edges[stretch] + edges[stretch + 1]) / 2)


def _upper_envelope(
    heights: np.ndarray, slopes: np.ndarray, low: float
) -> tuple[list[int], list[float]]:
    """Finds which of n lines `height + slope x` is the highest, from `x = low` to infinity.

    Returns:
        The winning lines from left to right, and the m - 1 values of x where they take over.
    """
    # From left to right slopes rise; of parallel lines the highest, of equal ones the first.
    order = np.lexsort((np.arange(len(slopes)), -heights, slopes)).tolist()
    winners: list[int] = []
    points: list[float] = []
    for line in order:
        if winners and slopes[line] == slopes[winners[-1]]:
            continue
        while winners:
            rise = slopes[line] - slopes[winners[-1]]
            point = float((heights[winners[-1]] - heights[line]) / rise)
            if point > (points[-1] if points else low):
                points.append(point)
                break
            winners.pop()
            if points:
                points.pop()
        winners.append(line)
    return winners, points
