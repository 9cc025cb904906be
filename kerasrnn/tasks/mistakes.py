"""Which answers are wrong: rows of a table, the surest mistakes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

__all__ = ["mistakes_of", "mistakes_of_steps"]


def mistakes_of(
    inputs: Iterable[Any],
    targets: Iterable[str],
    answers: Iterable[str],
    probabilities: Iterable[float],
) -> list[dict[str, Any]]:
    """Keeps the answers that are not the targets.

    Args:
        inputs: What was answered, such that JSON can hold it.
        targets: The right answers.
        answers: What a model answered.
        probabilities: The probability that it gave to each of its answers.

    Returns:
        A row for each mistake: `input`, `target`, `answer` and `probability`, the most probable
        answers first.

    Example:

    >>> mistakes_of(["a", "b"], ["no", "yes"], ["no", "no"], [0.9, 0.8])
    [{'input': 'b', 'target': 'yes', 'answer': 'no', 'probability': 0.8}]
    """
    rows = zip(inputs, targets, answers, probabilities, strict=True)
    return _surest_first(
        {"input": each, "target": target, "answer": answer, "probability": float(probability)}
        for each, target, answer, probability in rows
        if target != answer
    )


def mistakes_of_steps(
    unit: str,
    inputs: Sequence[Sequence[Any]],
    targets: Sequence[Sequence[str]],
    answers: Sequence[Sequence[str]],
    probabilities: Sequence[Sequence[float] | np.ndarray],
) -> list[dict[str, Any]]:
    """Does the same for each step of sequences.

    Args:
        unit: What a sequence is called, such as `"sentence"`: the name of the column of its
            number, from 1.
        inputs: What each step is, such as the tokens of a sentence.
        targets: The right label of each step.
        answers: The labels that a model answered.
        probabilities: Their probabilities.

    Returns:
        Rows as those of `mistakes_of`, with the number of the sequence and that of the step.
    """
    rows = []
    for n, parts in enumerate(zip(inputs, targets, answers, probabilities, strict=True), start=1):
        for step, (each, target, answer, probability) in enumerate(zip(*parts, strict=True), 1):
            if target != answer:
                row = {unit: n, "step": step, "input": each, "target": target, "answer": answer}
                rows.append({**row, "probability": float(probability)})
    return _surest_first(rows)


def _surest_first(rows: Iterable[dict]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: -row["probability"])
