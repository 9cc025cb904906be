"""Schemes of labels against writers of each, brute force and seqeval."""

import itertools

import numpy as np
import pytest
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES, Entities

from kerasrnn.layers import bio_constraints
from kerasrnn.layers.schemes import SCHEMES, Scheme, label_pairs, recognized_scheme, stray_labels
from kerasrnn.metrics import entities, entity_scores

FORMS = {"B-PER": "{0}-{1}", "B_PER": "{0}_{1}", "PER-B": "{1}-{0}", "PER_B": "{1}_{0}"}
# What a single token, the first, one inside and the last of an entity have.
LETTERS = {"iob2": "BBII", "bioes": "SBIE", "biluo": "UBIL", "bmes": "SBME"}
SEQEVAL = {"iob1": IOB1, "iob2": IOB2, "bioes": IOBES, "biluo": BILOU}


def written(name, spans, length, form="B-PER"):
    """Writes the entities of a sentence, `(type, start, end)`, as a scheme says."""
    labels = ["O"] * length
    for kind, start, end in spans:
        single, first, inside, last = LETTERS.get(name, "IIII")
        letters = [first, *inside * (end - start - 2), last] if end - start > 1 else [single]
        if name == "iob1" and any(other[0] == kind and other[2] == start for other in spans):
            letters[0] = "B"
        labels[start:end] = [FORMS[form].format(letter, kind) for letter in letters]
    return labels


def sentences(number=97):
    """Entities of random sentences, many of them side by side."""
    rng = np.random.default_rng(3)
    for _ in range(number):
        spans, end = [], 0
        for _ in range(rng.integers(1, 5)):
            start = end + int(rng.integers(0, 2))
            end = start + int(rng.integers(1, 5))
            spans.append((str(rng.choice(["PER", "LOC", "B-X"])), start, end))
        yield spans, end + int(rng.integers(0, 3))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SCHEMES)
def test_each_scheme_is_recognized_and_means_the_same_entities(name, form):
    rows = [(spans, written(name, spans, length, form)) for spans, length in sentences()]
    scheme = recognized_scheme(label_pairs(labels for _, labels in rows))
    assert scheme == Scheme(name, form)
    for spans, labels in rows:
        assert scheme.repairs(labels) == []
        for target in (None, "iob2", "bioes"):
            found = scheme.rewrite(labels, target)
            assert found == written(target or scheme.target, spans, len(labels))
        assert entities(found) == {*spans}


@pytest.mark.parametrize("name", SEQEVAL)
def test_what_is_written_is_what_seqeval_reads(name):
    """The oracle above has an oracle too."""
    for spans, length in sentences(31):
        labels = written(name, spans, length)
        found = Entities([labels], SEQEVAL[name]).entities[0]
        assert [(each.tag, each.start, each.end) for each in found] == spans


BIO = ["O", "B-X", "I-X", "B-Y", "I-Y"]
IOBES = ["O", "B-X", "I-X", "E-X", "S-X", "E-Y"]


@pytest.mark.parametrize("target", ["iob2", "bioes"])
@pytest.mark.parametrize("names", [BIO, IOBES], ids=["bio", "iobes"])
def test_any_labels_become_legal_ones_of_the_entities_that_conlleval_sees(names, target):
    closed = [f"{letter}-{kind}" for letter in "BIES" for kind in "XY"]
    known = ["O", *(closed if target == "bioes" else ["B-X", "I-X", "B-Y", "I-Y"])]
    allowed = bio_constraints(known)
    scheme = Scheme("iob2" if target == "iob2" else "bioes")
    for length in range(1, 5):
        for labels in itertools.product(names, repeat=length):
            found = scheme.rewrite(labels, target)
            expected = {(kind, i, j + 1) for kind, i, j in get_entities(list(labels))}
            assert {(kind, i, j + 1) for kind, i, j in get_entities(found)} == expected
            path = [known.index(label) for label in found]
            assert allowed["start"][path[0]] and allowed["end"][path[-1]]
            assert all(allowed["transition"][i][j] for i, j in itertools.pairwise(path))
            assert scheme.rewrite(found, target) == found and scheme.repairs(found) == []
            changed = [i for i in range(length) if found[i] != labels[i]]
            assert scheme.repairs(labels) == changed


@pytest.mark.parametrize(
    "scheme, labels, places, right",
    [
        ("iob2", "O I-X I-X", [1], "O B-X I-X"),
        ("iob2", "B-X I-Y", [1], "B-X B-Y"),
        ("iob2", "B-X E-X S-Y", [1, 2], "B-X I-X B-Y"),
        ("iob1", "O I-X B-X B-Y", [], "O B-X B-X B-Y"),
        ("iob1", "I-X S-X", [1], "B-X B-X"),
        ("bioes", "B-X I-X O", [1], "B-X E-X O"),
        ("bioes", "E-X B-Y", [0, 1], "S-X S-Y"),
        ("bioes", "B-X I-X L-X", [2], "B-X I-X E-X"),
        ("biluo", "B-X I-X L-X U-Y", [], "B-X I-X E-X S-Y"),
        ("biluo", "O L-X U-Y I-Y", [1, 3], "O S-X S-Y S-Y"),
        ("bmes", "B M E S", [], "B I E S"),
        ("bmes", "M M E", [0], "B I E"),
    ],
)
def test_repairs_by_hand(scheme, labels, places, right):
    labels = labels.split()
    assert Scheme(scheme).repairs(labels) == places
    assert Scheme(scheme).rewrite(labels) == right.split()


MANY = " B-X I-X O" * 7


@pytest.mark.parametrize(
    "labels, expected",
    [
        ("B-X I-X O", Scheme("iob2")),
        ("O O B-X", Scheme("iob2")),
        ("I-X I-X O", Scheme("iob1")),
        ("I-X I-Y B-Y O", Scheme("iob1")),
        ("B I O", Scheme("iob2")),
        ("B M E S", Scheme("bmes")),
        ("S-X O", Scheme("bioes")),
        ("U-X O", Scheme("biluo")),
        ("O X-B X-I", Scheme("iob2", "PER-B")),
        ("O B_X I_X", Scheme("iob2", "B_PER")),
        # One wrong label does not make another scheme.
        ("O I-X" + MANY, Scheme("iob2")),
        ("S-X" + MANY, Scheme("iob2")),
        ("L-X" + MANY, Scheme("iob2")),
        ("O 0" + MANY, Scheme("iob2")),
        ("DET NOUN VERB", None),
        ("O X NOUN", None),
        ("O O", None),
        ("O I", None),
        ("S O", None),
        ("B-X NOUN VERB", None),
        ("B_X I_X", None),
        ("one-B two-I", None),
        ("", None),
    ],
)
def test_recognized_by_hand(labels, expected):
    assert recognized_scheme(label_pairs([labels.split()])) == expected


def test_labels_that_are_no_labels_of_entities():
    pairs = label_pairs([["O", "0", "b-X", "B-X", "B"], ["B-"]])
    assert stray_labels(pairs, "B-PER") == {"0", "b-X", "B-"}
    assert stray_labels(pairs, "PER-B") == {"0", "b-X", "B-X", "B", "B-"}
    with pytest.raises(ValueError, match="a label such as B-PER. Received: '0'"):
        Scheme("iob2").rewrite(["O", "0"])


@pytest.mark.parametrize(
    "scheme, labels, expected",
    [
        ("iob1", ["O", "B-X"], ["B-X", "I-X", "O"]),
        ("iob2", ["I-Y", "B-X"], ["B-X", "B-Y", "I-X", "I-Y"]),
        ("biluo", ["O", "S-X"], ["B-X", "E-X", "I-X", "O", "S-X"]),
        ("bmes", ["S"], ["B", "E", "I", "S"]),
    ],
)
def test_all_labels_of_the_types(scheme, labels, expected):
    assert Scheme(scheme).completed(labels) == expected


def test_scores_of_iob1_are_those_of_the_same_entities_in_iob2():
    rng = np.random.default_rng(5)
    data = [*sentences()]
    others = [[span for span in spans if rng.random() < 0.7] for spans, _ in data]
    found = [
        entity_scores(
            [written(name, spans, length) for spans, length in data],
            [written(name, spans, length) for spans, (_, length) in zip(others, data, strict=True)],
        )
        for name in ("iob1", "iob2", "bioes")
    ]
    number, all_ = sum(map(len, others)), sum(len(spans) for spans, _ in data)
    right = {"precision": 1.0, "recall": number / all_, "f1": 2 * number / (number + all_)}
    assert found == [{**right, "entities": all_}] * 3
