"""Labels of spans, such as `B-PER`: which may follow which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasrnn.checks import UserError, check_texts

__all__ = ["bio_constraints", "continues", "mark_entities", "split_label"]

PREFIXES = ("B", "I", "E", "S", "O")


def bio_constraints(names: Sequence[str]) -> dict[str, list[Any]]:
    """Says which starts, transitions and ends are legal among labels of spans.

    In BIO (IOB2) an `I-` label follows a `B-` or `I-` label of its type, and nothing else. Where
    any name begins with `E` or `S` the scheme is IOBES: a span is one `S-` label, or begins with
    `B-`, goes on with `I-` and ends with `E-`.

    Args:
        names: Label names in the order of their ids: `"O"`, or one of B, I, E, S alone or with a
            type after a hyphen.

    Returns:
        A dictionary of nested lists of bool: `start` `(L,)`, `transition` `(L, L)` from row to
        column, `end` `(L,)`.

    Raises:
        ValueError: For no names at all, or a name with another prefix.

    Example:

    >>> allowed = bio_constraints(["O", "B-PER", "I-PER"])
    >>> allowed["start"], allowed["end"]
    ([True, True, False], [True, True, True])
    >>> allowed["transition"]
    [[True, True, False], [True, True, True], [True, True, True]]
    """
    labels = [split_label(name) for name in check_texts("names", names, "labels")]
    if not labels:
        raise UserError(f"Expected one label name at least. Received: {names!r}")
    spans_are_closed = any(prefix in "ES" for prefix, _ in labels)
    inside = [prefix in "IE" for prefix, _ in labels]
    unfinished = [spans_are_closed and prefix in "BI" for prefix, _ in labels]

    def legal(i: int, j: int) -> bool:
        return continues(names[i], names[j]) or not (unfinished[i] or inside[j])

    everyone = range(len(labels))
    return {
        "start": [not is_inside for is_inside in inside],
        "transition": [[legal(i, j) for j in everyone] for i in everyone],
        "end": [not is_unfinished for is_unfinished in unfinished],
    }


def split_label(name: str) -> tuple[str, str]:
    """Splits a label name at its first hyphen.

    Args:
        name: Such as `"B-PER"`, `"I"` or `"O"`.

    Returns:
        The prefix, one of B, I, E, S, O, and the type, `""` where there is none.

    Raises:
        ValueError: For another prefix, or a type behind `O`.

    Example:

    >>> split_label("B-PER"), split_label("O")
    (('B', 'PER'), ('O', ''))
    """
    prefix, _, kind = name.partition("-")
    if prefix not in PREFIXES or (prefix == "O" and name != "O"):
        raise UserError(
            f"Expected a label O, or one that begins with B-, I-, E- or S-. Received: {name!r}"
        )
    return prefix, kind


def continues(before: str, label: str) -> bool:
    """Tells whether a label goes on with the span of the label before it.

    This is the rule of the CoNLL evaluation script, conlleval: any other label of a span begins a
    new one, also an `I-` where none is open.

    Example:

    >>> continues("B-PER", "I-PER"), continues("B-PER", "I-LOC"), continues("O", "I-PER")
    (True, False, False)
    """
    (prefix_before, kind_before), (prefix, kind) = split_label(before), split_label(label)
    return prefix_before in "BI" and prefix in "IE" and kind_before == kind


def mark_entities(labels: Sequence[str]) -> bool:
    """Tells whether labels are `O` and such as `B-PER`, which mark entities.

    Example:

    >>> mark_entities(["O", "B-PER", "I-PER"]), mark_entities(["NOUN", "VERB"])
    (True, False)
    """
    try:
        prefixes = {split_label(label)[0] for label in labels}
    except ValueError:
        return False
    return bool(prefixes - {"O"})
