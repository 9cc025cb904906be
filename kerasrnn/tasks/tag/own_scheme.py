"""Labels of entities in the scheme that a tagger learned, whatever that of a file is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kerasrnn.datasets import TaggedSplit
from kerasrnn.layers.bio import mark_entities, split_label
from kerasrnn.layers.schemes import label_pairs, recognized_scheme, stray_labels

__all__ = ["in_own_scheme", "own_scheme", "read_in_own_scheme"]


def own_scheme(labels: Sequence[str], scheme: str | None) -> str | None:
    """Returns the scheme of a tagger's labels.

    Args:
        labels: The names of its labels.
        scheme: What its training was told, see `options.Tag`.

    Returns:
        `"iob2"` or `"bioes"`; `None` where its labels mark no entities, or are as they were in
        the data, which is what runs did that have not recorded any scheme.

    Example:

    >>> own_scheme(["B-PER", "E-PER", "O"], "auto"), own_scheme(["NOUN", "O"], None)
    ('bioes', None)
    """
    if scheme in (None, "none") or not mark_entities(labels):
        return None
    return "bioes" if any(split_label(label)[0] in "ES" for label in labels) else "iob2"


def read_in_own_scheme(read: TaggedSplit, own: str | None) -> Any:
    """Reads a split of any scheme.

    Args:
        read: The split.
        own: What `own_scheme` returned.

    Returns:
        A `tf.data.Dataset` of `(tokens, labels)`, `(T,)` string each.
    """
    scheme = read.scheme() if own else None
    return read.sentences() if scheme is None else read.in_scheme(scheme, own)


def in_own_scheme(true: Iterable[list[str]], own: str | None) -> Callable[[list[str]], list[str]]:
    """Finds out how true labels of any scheme are written in that of a tagger.

    Args:
        true: The labels of each sentence, read once where the tagger has a scheme.
        own: What `own_scheme` returned.

    Returns:
        A function that rewrites the labels of a sentence; as they are where they are of no scheme.

    Example:

    >>> sentences = [["U-LOC", "O"], ["B-PER", "L-PER"]]
    >>> list(map(in_own_scheme(sentences, "iob2"), sentences))
    [['B-LOC', 'O'], ['B-PER', 'I-PER']]
    """
    pairs = label_pairs(true) if own else {}
    scheme = recognized_scheme(pairs)
    if scheme is None or stray_labels(pairs, scheme.form):
        return lambda labels: labels
    return lambda labels: scheme.rewrite(labels, own)
