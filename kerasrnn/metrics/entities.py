"""Entities among labels such as `B-PER`: where they are, and how many are right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasrnn.checks import UserError, check_list, check_texts
from kerasrnn.decoding.crf import viterbi
from kerasrnn.layers.bio import continues, split_label
from kerasrnn.typing import Tensor

__all__ = ["EntityF1", "entities", "entity_scores", "label_rows"]


def entities(labels: Sequence[str]) -> set[tuple[str, int, int]]:
    """Finds the entities of a sentence, as the evaluation script of CoNLL-2003 reads it.

    An entity continues while I- (or E-) of its type follows its B- or I-; any other label but O
    begins a new one, also an I- without a B- (Tjong Kim Sang and De Meulder 2003; conlleval).

    Args:
        labels: Label names in BIO or IOBES.

    Returns:
        A set of `(type, start, end)`: the positions `start` to below `end`, as in a slice.

    Raises:
        ValueError: For a label that is no `O` and has none of the prefixes B, I, E, S.

    Example:

    >>> sorted(entities(["B-PER", "I-PER", "O", "I-LOC"]))
    [('LOC', 3, 4), ('PER', 0, 2)]
    """
    labels = check_texts("labels", labels, "labels")
    starts = [
        i
        for i, (before, label) in enumerate(pairwise(["O", *labels]))
        if split_label(label)[0] != "O" and not continues(before, label)
    ]
    found = set()
    for start in starts:
        end = start + 1
        while end < len(labels) and continues(labels[end - 1], labels[end]):
            end += 1
        found.add((split_label(labels[start])[1], start, end))
    return found


def entity_scores(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> dict[str, float]:
    """Compares entities; one is right where its type, start and end are.

    Args:
        gold: The true labels of each sentence.
        predicted: The labels that a model gave, of the same lengths.

    Returns:
        A dictionary of `precision`, `recall` and `f1` from 0 to 1, over the entities of all
        sentences together (0 where there is nothing to divide by), and `entities`, the number of
        gold ones.

    Raises:
        ValueError: For different numbers of sentences or labels, or a label of another form.

    Example:

    >>> entity_scores([["B-PER", "O", "B-LOC"]], [["B-PER", "I-PER", "B-LOC"]])
    {'precision': 0.5, 'recall': 0.5, 'f1': 0.5, 'entities': 2}
    """
    gold, predicted = label_rows(gold, predicted)
    pairs = [(entities(g), entities(p)) for g, p in zip(gold, predicted, strict=True)]
    num_gold = sum(len(g) for g, _ in pairs)
    num_predicted = sum(len(p) for _, p in pairs)
    num_right = sum(len(g & p) for g, p in pairs)
    return {
        "precision": num_right / max(num_predicted, 1),
        "recall": num_right / max(num_gold, 1),
        "f1": 2 * num_right / max(num_gold + num_predicted, 1),
        "entities": num_gold,
    }


def label_rows(
    gold: Iterable[Iterable[str]], predicted: Iterable[Iterable[str]]
) -> tuple[list[list[str]], list[list[str]]]:
    """Checks the labels of sentences, true and predicted: as many, and of the same lengths."""
    gold, predicted = _rows("gold", gold), _rows("predicted", predicted)
    lengths, others = [len(row) for row in gold], [len(row) for row in predicted]
    if lengths != others:
        raise UserError(
            "Expected gold and predicted sentences of the same lengths. "
            f"Received: {_first_difference(lengths, others)}"
        )
    return gold, predicted


def _rows(name: str, rows: Iterable[Iterable[str]]) -> list[list[str]]:
    rows = check_list(name, rows, "lists of labels, one for each sentence")
    return [check_texts(name, row, "labels") for row in rows]


def _first_difference(lengths: list[int], others: list[int]) -> str:
    if len(lengths) != len(others):
        return f"{len(lengths)} and {len(others)} sentences"
    index = next(i for i, n in enumerate(lengths) if n != others[i])
    return f"{lengths[index]} and {others[index]} labels in sentence {index}"


@keras.saving.register_keras_serializable("kerasrnn")
class EntityF1(keras.metrics.Metric):
    """F1 of entities over all batches, as `entity_scores` gives it, within `fit` and `evaluate`.

    Give it as a `weighted_metrics`, so that padding does not count.

    Args:
        label_names: Label names in BIO or IOBES, in the order of their ids.
        name: Name of the metric.
        dtype: Type of the result.

    Call arguments:
        y_true: `(B, T)` int tensor of labels; at padding anything.
        y_pred: `(B, T, L)` float tensor of logits or probabilities, whose maximum is taken, or
            `(B, T, L, L)` potentials of `layers.CRF`, on which `decoding.viterbi` runs.
        sample_weight: `(B, T)` or `(B,)` weights, or `None`; a step counts where it is above 0.

    Raises:
        ValueError: For a label name that is no `O` and has none of the prefixes B, I, E, S.

    Example:

    >>> metric = EntityF1(["O", "B-PER", "I-PER"])
    >>> metric.update_state([[1, 2, 0]], keras.ops.one_hot([[1, 2, 1]], 3))
    >>> round(float(metric.result()), 4)
    0.6667
    """

    def __init__(
        self,
        label_names: Sequence[str],
        name: str = "entity_f1",
        dtype: str | keras.DTypePolicy | None = None,
    ):
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        self.label_names = check_texts("label_names", label_names, "labels")
        parts = [split_label(label) for label in self.label_names]
        kinds = sorted({kind for prefix, kind in parts if prefix != "O"})
        # Id of the type of each label; O, as which padding counts too, has -1 and stands last.
        kind_ids = [-1 if prefix == "O" else kinds.index(kind) for prefix, kind in parts]
        self._kinds = np.array([*kind_ids, -1], "int32")
        names = [*self.label_names, "O"]
        self._continues = np.array([[continues(a, b) for b in names] for a in names])
        self.right = self.add_weight(shape=(), initializer="zeros", name="right")
        self.gold = self.add_weight(shape=(), initializer="zeros", name="gold")
        self.predicted = self.add_weight(shape=(), initializer="zeros", name="predicted")

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        y_true = ops.cast(y_true, "int32")
        counted = ops.ones_like(y_true, dtype="bool")
        mask = getattr(y_pred, "_keras_mask", None)
        if mask is not None:
            counted = ops.cast(mask, "bool")
        if sample_weight is not None:
            positive = ops.convert_to_tensor(sample_weight) > 0
            positive = positive if len(positive.shape) > 1 else positive[:, None]
            counted = ops.logical_and(counted, positive)
        if len(y_pred.shape) == 4:
            labels = viterbi(y_pred, counted)["labels"]
        else:
            labels = ops.cast(ops.argmax(y_pred, axis=-1), "int32")
        gold, predicted = self._spans(y_true, counted), self._spans(labels, counted)
        self.right.assign_add(self._count(_right(gold, predicted)))
        self.gold.assign_add(self._count(gold[1]))
        self.predicted.assign_add(self._count(predicted[1]))

    def _count(self, flags):
        return ops.sum(ops.cast(flags, self.dtype))

    def _spans(self, labels, counted) -> tuple[Tensor, Tensor, Tensor]:
        """`(B, T)` each: the id of the type, whether an entity begins, whether it ends."""
        padding = len(self.label_names)
        labels = ops.where(counted, labels, padding)
        around = ops.pad(labels, ((0, 0), (1, 1)), constant_values=padding)
        pairs = around[:, :-1] * (padding + 1) + around[:, 1:]
        goes_on = ops.take(self._continues.reshape(-1), pairs)
        kinds = ops.take(self._kinds, labels)
        begins = ops.logical_and(kinds >= 0, ops.logical_not(goes_on[:, :-1]))
        ends = ops.logical_and(kinds >= 0, ops.logical_not(goes_on[:, 1:]))
        return kinds, begins, ends

    def result(self) -> Tensor:
        return ops.divide_no_nan(2 * self.right, self.gold + self.predicted)

    def get_config(self) -> dict[str, Any]:
        return {"label_names": self.label_names, "name": self.name, "dtype": self.dtype}


def _right(gold: tuple[Tensor, ...], predicted: tuple[Tensor, ...]) -> Tensor:
    """`(B, T)` bool: whether an entity ends that both have, of the same type and beginning."""
    same_kind = ops.equal(gold[0], predicted[0])
    either_begins = ops.logical_or(gold[1], predicted[1])
    both_begin = ops.logical_and(ops.logical_and(gold[1], predicted[1]), same_kind)
    both_end = ops.logical_and(gold[2], predicted[2])

    def step(agree, begin):
        agree = ops.where(begin > 0, begin > 1, agree)
        return agree, agree

    # One tensor, since Keras' scan over two of unknown length fails: 1 where either, 2 where both.
    begins = ops.cast(either_begins, "int32") + ops.cast(both_begin, "int32")
    begins = ops.swapaxes(begins, 0, 1)
    _, agree = ops.scan(step, begins[0] > 1, begins)
    return ops.logical_and(ops.swapaxes(agree, 0, 1), both_end)
