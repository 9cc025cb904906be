"""Labels of tokens as colours of the text: entities, parts of speech."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib

from kerasrnn.checks import UserError
from kerasrnn.metrics import entities
from kerasrnn.plotting.fonts import finished, new_figure, shown
from kerasrnn.plotting.token_flow import (
    FLOW_WIDTH,
    LINE,
    Box,
    check_each_token,
    draw_flow,
    flow_lines,
)

__all__ = ["tagged_text"]

PREFIXES = ("B-", "I-", "E-", "S-")
COLOURS = [*matplotlib.color_sequences["Set3"], *matplotlib.color_sequences["Pastel2"]]
MOST = 60  # lines of a picture


def tagged_text(taggings: Sequence[Any], title: str = "Labels of the tokens") -> Any:
    """Draws sentences with the label of each token as its colour, and how sure it is.

    Where labels mark entities (`B-PER`, `I-PER`, `O`), the tokens of an entity share a box.

    Args:
        taggings: Of `tokens` and `labels`, T of each; where they are there, `confidences` `(T,)`
            and `entities`, as `Tagger.tag` gives them. The confidence of an entity is its own, or
            the least of its tokens'.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it.

    Raises:
        ValueError: Where there is no sentence, or one with more labels than tokens or less.

    Example:

    >>> import types
    >>> one = types.SimpleNamespace(tokens=["Ada", "left"], labels=["B-PER", "O"])
    >>> [text.get_text() for text in tagged_text([one]).axes[0].texts]
    ['Ada', 'PER', 'left', '']
    """
    if not taggings:
        raise UserError("Expected at least one sentence with labels. Received: none")
    for each in taggings:
        check_each_token(each.tokens, each.labels, "a label")
    labels = {label for each in taggings for label in each.labels}
    marked = all(label == "O" or label.startswith(PREFIXES) for label in labels)
    kinds = sorted({label[2:] for label in labels if label != "O"} if marked else labels)
    colours = {kind: COLOURS[i % len(COLOURS)] for i, kind in enumerate(kinds)}
    rows = [_entity_boxes(each, colours) if marked else _boxes(each, colours) for each in taggings]
    lines = flow_lines(rows)[:MOST]
    figure = new_figure(FLOW_WIDTH + 0.3, LINE * len(lines) + 0.6)
    axes = figure.subplots()
    draw_flow(axes, lines)
    axes.set_title(title)
    return finished(figure, [token for each in taggings for token in each.tokens])


def _boxes(tagging, colours) -> list[Box]:
    """A box for each token."""
    sure = getattr(tagging, "confidences", None)
    return [
        Box(
            shown(token, i),
            _said(tagging.labels[i], i, None if sure is None else sure[i]),
            colours[tagging.labels[i]],
        )
        for i, token in enumerate(tagging.tokens)
    ]


def _entity_boxes(tagging, colours) -> list[Box]:
    """A box for each entity and for each token outside of one."""
    sure = getattr(tagging, "confidences", None)
    known = {(e.start, e.end): e.confidence for e in getattr(tagging, "entities", None) or ()}
    ends = {start: (kind, end) for kind, start, end in entities(tagging.labels)}
    boxes, place = [], 0
    while place < len(tagging.tokens):
        kind, end = ends.get(place, (None, place + 1))
        text = " ".join(shown(tagging.tokens[i], i) for i in range(place, end))
        if kind is None:
            boxes.append(Box(text))
        else:
            least = None if sure is None else min(sure[place:end])
            boxes.append(
                Box(text, _said(kind, place, known.get((place, end), least)), colours[kind])
            )
        place = end
    return boxes


def _said(label: str, place: int, confidence) -> str:
    label = shown(label, place)
    return label if confidence is None else f"{label} {100 * float(confidence):.0f} %"
