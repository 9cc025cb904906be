"""Entities against a plain state machine, and the Keras metric against both."""

import itertools

import keras
import numpy as np
import pytest
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities as seqeval_entities
from seqeval.scheme import IOB2

from kerasrnn.decoding import viterbi
from kerasrnn.layers import CRF, bio_constraints
from kerasrnn.losses import CRF as CRFLoss
from kerasrnn.metrics import EntityF1, entities, entity_scores

BIO = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
IOBES = ["B-X", "O", "I-X", "E-X", "S-X", "I-Y", "E-Y"]


def spans_of(labels):
    """One pass with an open entity, after the tables of conlleval's documentation."""
    found, kind, begin, open_ = set(), None, None, False
    for i, label in enumerate([*labels, "O"]):
        prefix, _, label_kind = label.partition("-")
        inside = open_ and prefix in ("I", "E") and label_kind == kind
        if open_ and not inside:
            found.add((kind, begin, i))
        if not inside:
            kind, begin = label_kind, i
        if prefix == "O":
            open_ = False
        elif prefix in ("S", "E"):
            found.add((kind, begin, i + 1))
            open_ = False
        else:
            open_ = True
    return found


@pytest.mark.parametrize("names", [BIO, IOBES], ids=["bio", "iobes"])
def test_entities_of_all_short_sentences(names):
    for length in range(5):
        for labels in itertools.product(names, repeat=length):
            assert entities(labels) == spans_of(labels), labels


@pytest.mark.parametrize(
    "labels, expected",
    [
        ("", set()),
        ("O O", set()),
        ("I-A I-A", {("A", 0, 2)}),
        ("B-A B-A", {("A", 0, 1), ("A", 1, 2)}),
        ("B-A I-B I-B", {("A", 0, 1), ("B", 1, 3)}),
        ("B-A O I-A", {("A", 0, 1), ("A", 2, 3)}),
        ("B-A I-A E-A E-A S-A", {("A", 0, 3), ("A", 3, 4), ("A", 4, 5)}),
        ("E-A I-A", {("A", 0, 1), ("A", 1, 2)}),
        ("B-a-b I-a-b", {("a-b", 0, 2)}),
        ("B I O", {("", 0, 2)}),
    ],
)
def test_entities_by_hand(labels, expected):
    assert entities(labels.split()) == expected


@pytest.mark.parametrize("function", [entities, lambda x: entity_scores([x], [x]), EntityF1])
def test_unknown_prefix(function):
    with pytest.raises(ValueError, match="Received: 'X-PER'"):
        function(["O", "X-PER"])


def test_scores_by_hand():
    gold = [["B-A", "I-A", "O", "B-B"], ["B-A"], ["O", "O"]]
    predicted = [["B-A", "I-A", "B-B", "I-B"], ["B-B"], ["O", "I-A"]]
    scores = entity_scores(gold, predicted)
    assert scores == {"precision": 1 / 4, "recall": 1 / 3, "f1": 2 / 7, "entities": 3}


@pytest.mark.parametrize("gold, predicted", [([], []), ([["O"]], [["O"]]), ([[]], [[]])])
def test_nothing_to_find_is_no_division_by_zero(gold, predicted):
    expected = {"precision": 0, "recall": 0, "f1": 0, "entities": 0}
    assert entity_scores(gold, predicted) == expected
    assert entity_scores([["O"]], [["B-A"]]) == expected
    assert entity_scores([["B-A"]], [["O"]]) == {**expected, "entities": 1}


@pytest.mark.parametrize(
    "gold, predicted, received",
    [
        ([["O"]], [], "1 and 0 sentences"),
        ([["O"], ["O"]], [["O"], ["O", "O"]], "1 and 2 labels in sentence 1"),
    ],
)
def test_different_lengths(gold, predicted, received):
    with pytest.raises(ValueError, match=received):
        entity_scores(gold, predicted)


def batches(rng, names):
    """Batches of gold and predicted ids that often agree, with weights and odd padding."""
    for rows, time in ((2, 3), (13, 11), (1, 1), (31, 5)):
        mask = np.arange(time) < rng.integers(1, time + 1, (rows, 1))
        gold = rng.integers(0, len(names), (rows, time))
        other = rng.integers(0, len(names), (rows, time))
        yield gold, np.where(rng.random((rows, time)) < 0.8, gold, other), mask


def f1_of(data, names):
    """The F1 of ids, counted with the oracle's spans."""
    rights = golds = predictions = 0
    for gold, predicted, mask in data:
        for row in range(len(gold)):
            g, p = (spans_of([names[i] for i in ids[row][mask[row]]]) for ids in (gold, predicted))
            rights, golds, predictions = rights + len(g & p), golds + len(g), predictions + len(p)
    return 2 * rights / (golds + predictions)


@pytest.mark.parametrize("names", [BIO, IOBES], ids=["bio", "iobes"])
def test_scores_and_metric_equal_the_oracle(names, rng):
    data = list(batches(rng, names))
    expected = f1_of(data, names)
    assert 0.2 < expected < 0.9
    metric, gold_names, predicted_names = EntityF1(names), [], []
    for gold, predicted, mask in data:
        logits = rng.normal(size=(*gold.shape, len(names))) + 99 * np.eye(len(names))[predicted]
        gold = np.where(mask, gold, rng.choice([-1, 0, 2, 99], gold.shape))
        metric.update_state(gold, logits.astype("float32"), mask.astype("float32") * 0.5)
        for row, row_mask in enumerate(mask):
            gold_names.append([names[i] for i in gold[row][row_mask]])
            predicted_names.append([names[i] for i in predicted[row][row_mask]])
    np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-6)
    np.testing.assert_allclose(
        entity_scores(gold_names, predicted_names)["f1"], expected, rtol=1e-12
    )


def test_metric_of_all_pairs_of_short_sentences():
    """Each pair by itself, so that no error hides in a sum."""
    names = ["O", "B-A", "I-A", "I-B"]
    paths = list(itertools.product(range(4), repeat=3))
    gold = np.repeat(paths, len(paths), axis=0)
    predicted = np.tile(paths, (len(paths), 1))

    class OfEachRow(EntityF1):
        def _count(self, flags):
            rows.append(np.sum(flags, axis=1))
            return super()._count(flags)

    rows = []
    OfEachRow(names).update_state(gold, np.eye(4, dtype="float32")[predicted])
    for g, p, right, num_gold, num_predicted in zip(gold, predicted, *rows, strict=True):
        expected, received = (spans_of([names[i] for i in path]) for path in (g, p))
        assert (right, num_gold, num_predicted) == (
            len(expected & received),
            len(expected),
            len(received),
        )


def test_metric_before_any_entity_is_zero():
    metric = EntityF1(BIO)
    assert float(metric.result()) == 0
    metric.update_state(np.array([[1, 2]]), np.eye(5, dtype="float32")[[[1, 2]]])
    assert float(metric.result()) == 1
    metric.reset_state()
    assert float(metric.result()) == 0


def test_rows_may_have_one_weight(rng):
    gold, predicted = np.array([[1, 2], [1, 0]]), np.array([[1, 2], [0, 0]])
    metric = EntityF1(BIO)
    metric.update_state(gold, np.eye(5, dtype="float32")[predicted], np.array([1.0, 0.0]))
    assert float(metric.result()) == 1


@pytest.mark.parametrize("crf", [True, False], ids=["crf", "softmax"])
def test_within_fit(crf, rng):
    names = ["O", "B-X", "I-X"]
    lengths = rng.integers(1, 8, (17, 1))
    mask = np.arange(7) < lengths
    tokens = np.where(mask, rng.integers(1, 11, (17, 7)), 0)
    labels = np.where(mask, rng.integers(0, 3, (17, 7)), 0)
    inputs = keras.Input((None,), dtype="int32")
    emissions = keras.layers.Embedding(11, 3, embeddings_initializer="normal")(inputs)
    output = CRF(3, bio_constraints(names)) if crf else keras.layers.Identity()
    model = keras.Model(inputs, output(emissions))
    model.set_weights([rng.normal(size=w.shape) * 3 for w in model.get_weights()])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", CRFLoss() if crf else loss, weighted_metrics=[EntityF1(names)])
    before = model.predict(tokens, verbose=0)
    predicted = viterbi(before, mask)["labels"].numpy() if crf else before.argmax(-1)
    expected = f1_of([(labels, predicted, mask)], names)
    assert 0 < expected < 1
    logs = model.evaluate(
        tokens, labels, sample_weight=mask * 1.0, batch_size=5, verbose=0, return_dict=True
    )
    np.testing.assert_allclose(logs["entity_f1"], expected, rtol=1e-6)


def test_mask_of_keras_counts(rng):
    tokens = np.array([[3, 4, 0], [1, 0, 0]])
    potentials = CRF(5)(keras.layers.Embedding(7, 5, mask_zero=True)(tokens))
    by_mask, by_weight = EntityF1(BIO), EntityF1(BIO)
    by_mask.update_state(np.array([[1, 1, 1], [3, 3, 3]]), potentials)
    by_weight.update_state(
        np.array([[1, 1, 1], [3, 3, 3]]), potentials.numpy(), (tokens > 0).astype("float32")
    )
    assert float(by_mask.gold) == float(by_weight.gold) == 3
    assert float(by_mask.predicted) == float(by_weight.predicted)
    both = EntityF1(BIO)
    both.update_state(
        np.array([[1, 1, 1], [3, 3, 3]]), potentials, np.array([[0, 1, 1], [1, 1, 1]], "float32")
    )
    assert float(both.gold) == 2


def test_config_round_trip():
    metric = EntityF1(tuple(BIO), name="other")
    copy = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert (type(copy), copy.name, copy.label_names) == (EntityF1, "other", BIO)


@pytest.mark.parametrize("names", [BIO, IOBES], ids=["bio", "iobes"])
def test_entities_are_those_of_seqeval(names):
    """Its default mode reads as conlleval does, whatever the labels."""
    for length in range(5):
        for labels in itertools.product(names, repeat=length):
            expected = {(kind, i, j + 1) for kind, i, j in seqeval_entities(list(labels))}
            assert entities(labels) == expected, labels


@pytest.mark.parametrize("names", [BIO, IOBES], ids=["bio", "iobes"])
def test_scores_are_those_of_seqeval(names, rng):
    gold, predicted = [], []
    for gold_ids, predicted_ids, mask in batches(rng, names):
        for row, row_mask in enumerate(mask):
            gold.append([names[i] for i in gold_ids[row][row_mask]])
            predicted.append([names[i] for i in predicted_ids[row][row_mask]])
    scores = entity_scores(gold, predicted)
    for name, function in (("precision", precision_score), ("recall", recall_score)):
        assert scores[name] == pytest.approx(function(gold, predicted), rel=1e-12)
    assert scores["f1"] == pytest.approx(f1_score(gold, predicted), rel=1e-12)


def test_scores_of_legal_labels_are_also_those_of_the_strict_mode(rng):
    """Where each entity begins with B- the two modes of seqeval agree, and so do we."""

    def legal():
        for length in rng.integers(1, 12, 97):
            labels = [BIO[i] for i in rng.integers(0, len(BIO), length)]
            for i, label in enumerate(labels):
                if label[0] == "I" and (i == 0 or labels[i - 1][1:] != label[1:]):
                    labels[i] = "B" + label[1:]
            yield labels

    gold = list(legal())
    predicted = [
        g if rng.random() < 0.5 else p[: len(g)] for g, p in zip(gold, legal(), strict=True)
    ]
    predicted = [p + ["O"] * (len(g) - len(p)) for g, p in zip(gold, predicted, strict=True)]
    scores = entity_scores(gold, predicted)
    assert 0.2 < scores["f1"] < 0.9
    assert scores["f1"] == pytest.approx(f1_score(gold, predicted, mode="strict", scheme=IOB2))
