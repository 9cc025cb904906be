"""What a table of answers holds of each input."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from kerasrnn.checks import UserError

__all__ = ["class_records", "named", "no_classes", "text_records"]


def named(inputs: Sequence[Any]) -> list[Any]:
    """Names inputs such that JSON can hold it: paths are texts, arrays have a number, from 1.

    Example:

    >>> named([b"some bytes", "films/7"])
    [1, 'films/7']
    """
    return [
        str(each) if isinstance(each, (str, os.PathLike)) else number
        for number, each in enumerate(inputs, start=1)
    ]


def class_records(
    name: str, inputs: Sequence[Any], answers: Sequence[Any], probabilities: bool
) -> list[dict[str, Any]]:
    """Makes the records of `Task.records` of answers with a label each.

    Args:
        name: What an input is called.
        inputs: The N inputs, such that JSON can hold them.
        answers: N answers with `label`, `probability` and `probabilities`.
        probabilities: Whether those of all labels belong to it.
    """
    records = []
    for each, answer in zip(inputs, answers, strict=True):
        record = {name: each, "label": answer.label, "probability": answer.probability}
        records.append(record | ({"probabilities": answer.probabilities} if probabilities else {}))
    return records


def text_records(name: str, inputs: Sequence[Any], answers: Sequence[Any]) -> list[dict[str, Any]]:
    """Makes the records of `Task.records` of answers that are texts.

    Args:
        name: What an input is called.
        inputs: The N inputs, such that JSON can hold them.
        answers: N `Answer`s.
    """
    return [
        {name: each, "text": answer.text, "log_prob": answer.log_prob}
        for each, answer in zip(inputs, answers, strict=True)
    ]


def no_classes(probabilities: bool, what: str) -> None:
    """Raises a `UserError` where the probabilities of classes are asked of what has none."""
    if probabilities:
        raise UserError(
            "Expected a run that chooses among classes for the probabilities of all of them. "
            f"Received: one that gives {what}"
        )
