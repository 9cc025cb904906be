"""Confusion counts and macro F1 against scikit-learn and a hand calculation."""

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from kerasrnn.metrics import confusion_counts, macro_f1
from kerasrnn.tasks.class_metrics import class_metrics, count_confusion, draw_confusion

LABELS = ["no", "perhaps", "yes", "never", "שלום"]


def drawn(rng, number=113):
    """Labels of which one is never right, one never answered and one neither."""
    gold = rng.choice(["no", "perhaps", "yes"], number, p=[0.7, 0.2, 0.1])
    other = rng.choice(["no", "yes", "never"], number)
    return gold.tolist(), np.where(rng.random(number) < 0.6, gold, other).tolist()


def test_against_scikit_learn(rng):
    gold, predicted = drawn(rng)
    counts = confusion_counts(gold, predicted, LABELS)
    np.testing.assert_array_equal(counts, confusion_matrix(gold, predicted, labels=LABELS))
    expected = f1_score(gold, predicted, average="macro", zero_division=0)
    assert macro_f1(counts) == pytest.approx(expected, rel=1e-12)
    assert class_metrics(counts, LABELS) == pytest.approx(
        {"accuracy": accuracy_score(gold, predicted), "macro_f1": expected}
    )


def test_counts_of_parts_add_up(rng):
    gold, predicted = drawn(rng)
    whole = confusion_counts(gold, predicted, LABELS)
    for size in (1, 7, 50):
        parts = [
            confusion_counts(gold[i : i + size], predicted[i : i + size], LABELS)
            for i in range(0, len(gold), size)
        ]
        np.testing.assert_array_equal(sum(parts), whole)


def test_by_hand():
    gold, predicted = ["a", "a", "a", "b"], ["a", "a", "b", "b"]
    # a: precision 1, recall 2/3; b: precision 1/2, recall 1.
    assert macro_f1(confusion_counts(gold, predicted, list("ab"))) == pytest.approx(
        (4 / 5 + 2 / 3) / 2
    )
    assert confusion_counts([], [], list("ab")).tolist() == [[0, 0], [0, 0]]
    assert math.isnan(macro_f1(np.zeros((2, 2))))


@pytest.mark.parametrize(
    "gold, predicted, message",
    [
        (["a"], [], "as many answers as right labels, 1. Received: 0"),
        (["a", "c"], ["a", "a"], "among the 2 known ones, a, b. Received: 'c'"),
        (["a"], ["d"], "Received: 'd'"),
    ],
)
def test_wrong_labels(gold, predicted, message):
    with pytest.raises(ValueError, match=message):
        confusion_counts(gold, predicted, list("ab"))


def test_labels_that_no_training_has_seen_count_as_errors(tmp_path):
    pairs = {("a", "a"): 1, ("z", "a"): 1, ("z", "b"): 1, ("b", "b"): 1}
    counts = count_confusion(pairs, list("ab"))
    assert counts.tolist() == [[1, 0, 0], [0, 1, 0], [1, 1, 0]]
    figures = class_metrics(counts, list("ab"))
    assert figures == {"accuracy": 0.5, "macro_f1": pytest.approx(4 / 9), "unseen_labels": 2}
    draw_confusion(tmp_path, counts, list("ab"))
    assert (tmp_path / "confusion.png").read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(ValueError, match="seen in training, a, b. Received: y, z"):
        count_confusion({("z", "a"): 1, ("y", "a"): 1}, list("ab"))
    assert math.isnan(class_metrics(count_confusion({}, list("ab")), list("ab"))["accuracy"])


def test_no_picture_of_too_many_labels(tmp_path):
    draw_confusion(tmp_path, np.eye(101, dtype="int64"), [str(i) for i in range(101)])
    assert not list(tmp_path.iterdir())
