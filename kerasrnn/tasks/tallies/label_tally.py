"""What is counted where each example has any number of labels."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, first_of
from kerasrnn.metrics import average_precision
from kerasrnn.metrics.class_report import scores_of_counts

__all__ = ["label_figures", "label_report", "label_tally", "places_of"]


def places_of(right: Sequence[Sequence[str]], labels: Sequence[str]) -> np.ndarray:
    """Says which labels are right.

    Args:
        right: The right labels of N examples.
        labels: Names of L labels.

    Returns:
        `(N, L)` bool.

    Example:

    >>> places_of([["x"], []], ["x", "z"]).tolist()
    [[True, False], [False, False]]
    """
    places = {label: i for i, label in enumerate(labels)}
    found = np.zeros((len(right), len(labels)), bool)
    for row, names in enumerate(right):
        found[row, [places[each] for each in names if each in places]] = True
    return found


def label_tally(
    right: Sequence[Sequence[str]], probabilities: np.ndarray, labels: Sequence[str]
) -> dict[str, Any]:
    """Counts what the figures of several labels are made of.

    Average precision ranks all examples by their probabilities, which therefore stay: 5.5 bytes
    for each label of each example, as base64, so that 20 labels of a million examples are 110 MB.

    Args:
        right: The right labels of N examples.
        probabilities: `(N, L)` float32 that a model gave.
        labels: Names of the L labels.

    Returns:
        `examples`, the number N; the `probabilities`; as bits, which labels are `right`, and in one
        more column whether an example has a label that is none of them; `unseen`, by name how often
        each of these is right.
    """
    unseen = [set(names) - set(labels) for names in right]
    bits = np.concatenate(
        [places_of(right, labels), np.array([bool(each) for each in unseen])[:, None]], axis=1
    )
    return {
        "examples": len(right),
        "probabilities": _text(np.ascontiguousarray(probabilities, "<f4")),
        "right": _text(np.packbits(bits)),
        "unseen": dict(sorted(Counter(name for names in unseen for name in names).items())),
    }


def label_figures(
    tallies: Iterable[Mapping[str, Any]], labels: Sequence[str], thresholds: Sequence[float]
) -> dict[str, Any]:
    """Sums up what `label_tally` returned for each piece.

    Args:
        tallies: Those of the pieces.
        labels: Names of the L labels.
        thresholds: The probability from which on each is answered.

    Returns:
        `micro_f1`, F1 of all labels of all examples counted together; `macro_f1`, the unweighted
        mean of the F1 of the labels that are right or answered at least once;
        `mean_average_precision`, the unweighted mean of the average precision of the labels that
        are right at least once; `subset_accuracy`, the fraction of examples with exactly the right
        labels; `unseen_labels`, how often a label is right that no training has seen, which is
        never answered, where there are some; `examples`.

    Raises:
        ValueError: Where the training has seen none of the right labels.

    Example:

    >>> tally = label_tally([["x"], []], np.array([[0.9, 0.2], [0.1, 0.6]]), ["x", "z"])
    >>> figures = label_figures([tally], ["x", "z"], [0.5, 0.5])
    >>> figures["subset_accuracy"], figures["mean_average_precision"]
    (0.5, 1.0)
    """
    tallies = list(tallies)
    right, probabilities, unseen = _joined(tallies, labels)
    answered = _answered(probabilities, thresholds)
    known = right[:, :-1]
    hits, said, there = (known & answered).sum(0), answered.sum(0), known.sum(0)
    never = sum(unseen.values())
    if never and not there.any():
        raise UserError(
            f"Expected labels that were seen in training, {first_of(labels)}. "
            f"Received: {first_of(unseen)}"
        )
    both = said + there
    of_each = [*(2 * hits[both > 0] / both[both > 0]), *[0.0] * len(unseen)]
    ranked = [average_precision(known[:, i], probabilities[:, i]) for i in np.flatnonzero(there)]
    exact = (known == answered).all(1) & ~right[:, -1]
    total = both.sum() + never
    figures = {
        "micro_f1": float(2 * hits.sum() / total) if total else float("nan"),
        "macro_f1": float(np.mean(of_each)) if of_each else float("nan"),
        "mean_average_precision": float(np.mean(ranked)) if ranked else float("nan"),
        "subset_accuracy": float(exact.mean()) if len(exact) else float("nan"),
    }
    return {**figures, **({"unseen_labels": never} if never else {}), "examples": len(exact)}


def label_report(
    tallies: Iterable[Mapping[str, Any]], labels: Sequence[str], thresholds: Sequence[float]
) -> dict[str, dict[str, float]]:
    """Sums up the same for each label.

    Args:
        tallies: Those of the pieces.
        labels: Names of the L labels.
        thresholds: The probability from which on each is answered.

    Returns:
        By label `precision`, `recall`, `f1`, `average_precision`, NaN where it is never right,
        its `threshold`, and `support`, the number of examples that have it.
    """
    right, probabilities, _ = _joined(list(tallies), labels)
    answered = _answered(probabilities, thresholds)
    report = {}
    for i, label in enumerate(labels):
        numbers = (right[:, i] & answered[:, i]), answered[:, i], right[:, i]
        scores = scores_of_counts(*(int(each.sum()) for each in numbers))
        support = scores.pop("support")
        ranking = average_precision(right[:, i], probabilities[:, i])
        scores |= {"average_precision": ranking, "threshold": float(thresholds[i])}
        report[label] = {**scores, "support": support}
    return report


def _text(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")


def _answered(probabilities: np.ndarray, thresholds: Sequence[float]) -> np.ndarray:
    """Which labels are answered: compared as float32, as the graph compares them."""
    return probabilities >= np.asarray(thresholds, "float32")


def _joined(
    tallies: list[Mapping[str, Any]], labels: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, Counter[str]]:
    """All examples: `(N, L + 1)` bool, `(N, L)` float32, and how often other labels are right."""
    width, unseen = len(labels), Counter[str]()
    right, probabilities = [np.zeros((0, width + 1), bool)], [np.zeros((0, width), "float32")]
    for each in tallies:
        number = each["examples"]
        bits = np.frombuffer(base64.b64decode(each["right"]), "uint8")
        bits = np.unpackbits(bits, count=number * (width + 1))
        right.append(bits.reshape(number, width + 1).astype(bool))
        values = np.frombuffer(base64.b64decode(each["probabilities"]), "<f4")
        probabilities.append(values.reshape(number, width))
        unseen.update(each["unseen"])
    return np.concatenate(right), np.concatenate(probabilities), unseen
