"""Taggers of files in any scheme of entities: training, evaluation and prediction agree."""

import dataclasses
import logging

import numpy as np
import pytest

from kerasrnn import options
from kerasrnn.datasets import tagged_tokens
from kerasrnn.layers import bio_constraints
from kerasrnn.layers.schemes import Scheme
from kerasrnn.tasks.tag.job import TaggingJob
from kerasrnn.tasks.tag.task import Tagger


def tagging_job(settings):
    """A job as of a run that recorded these settings, and no others."""
    return TaggingJob(dataclasses.replace(options.Tag.recorded(settings)))  # which checks them


# Labels of the same sentences, written by hand.
SCHEMES = {
    "iob2": ["O B-PER I-PER B-PER", "B-LOC O B-PER I-PER", "B-LOC I-LOC I-LOC O"],
    "iob1": ["O I-PER I-PER B-PER", "I-LOC O I-PER I-PER", "I-LOC I-LOC I-LOC O"],
    "bioes": ["O B-PER E-PER S-PER", "S-LOC O B-PER E-PER", "B-LOC I-LOC E-LOC O"],
    "biluo": ["O B-PER L-PER U-PER", "U-LOC O B-PER L-PER", "B-LOC I-LOC L-LOC O"],
    "bmes": ["O B-PER E-PER S-PER", "S-LOC O B-PER E-PER", "B-LOC M-LOC E-LOC O"],
    "behind": ["O PER_B PER_I PER_B", "LOC_B O PER_B PER_I", "LOC_B LOC_I LOC_I O"],
}
BIO = ("B-LOC", "B-PER", "I-LOC", "I-PER", "O")
BIOES = tuple(sorted([*(f"{x}-{y}" for x in "BIES" for y in ("LOC", "PER")), "O"]))
OURS = {name: BIOES if name in ("bioes", "biluo", "bmes") else BIO for name in SCHEMES}


def write(path, labels, number=31):
    """Sentences of four tokens; the labels of those in a row take turns."""
    rows = []
    for i in range(number):
        tokens = [f"w{(7 * i + 3 * t) % 11}" for t in range(4)]
        rows += [
            f"{token} {label}" for token, label in zip(tokens, labels[i % 3].split(), strict=True)
        ]
        rows.append("")
    path.write_text("\n".join(rows))
    return path


def settings(data, **changes):
    return {
        **{"data": str(data), "data_dir": None, "features": None, "min_count": 1},
        **{"max_vocabulary_size": None, "max_length": None, "characters": False},
        **{"cell": "gru", "units": 3, "num_layers": 1, "bidirectional": False, "dropout": 0.0},
        **{"embedding": 2, "vectors": None, "output_layer": "crf", "seed": 1, "epochs": 1},
        **{"batch_size": 5, "learning_rate": 0.1, "clipnorm": 1.0, "scheme": "auto"},
        **changes,
    }


def untrained(job):
    task = job.new_task(job.read("train"))
    rng = np.random.default_rng(7)
    task.model.set_weights([rng.normal(0, 2, weight.shape) for weight in task.model.get_weights()])
    return task


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("schemes")
    for name, labels in SCHEMES.items():
        write(path / f"{name}.conll", labels)
    return path


@pytest.fixture
def notes(caplog, monkeypatch):
    monkeypatch.setattr("kerasrnn.datasets.readers.reader_notes._said", set())
    caplog.set_level(logging.INFO, "kerasrnn.datasets.notes")
    name = "kerasrnn.datasets.notes"
    return lambda: [each.getMessage() for each in caplog.records if each.name == name]


@pytest.mark.parametrize("name", SCHEMES)
def test_what_a_task_learns(folder, name):
    job = tagging_job(settings(folder / f"{name}.conll"))
    task = job.new_task(job.read("train"))
    assert task.labels == OURS[name]
    assert task.model.get_layer("output").allowed == bio_constraints(task.labels)


@pytest.mark.parametrize("name", [pytest.param("iob1", marks=pytest.mark.slow), "biluo"])
def test_files_of_all_schemes_have_the_same_scores(folder, name):
    job = tagging_job(settings(folder / f"{name}.conll"))
    task = untrained(job)
    right = task.evaluate(task.read(str(folder / f"{name}.conll"), "train"))
    assert 0 < right["f1"] < 1 and right == task.evaluate(job.read("train"))
    for other in SCHEMES:
        assert task.evaluate(task.read(str(folder / f"{other}.conll"), "train")) == right
    raw = tagged_tokens(folder / "behind.conll")
    assert task.evaluate(raw) == right
    assert (task.confusion(raw) == task.confusion(job.read("train"))).all()
    found = task.tag([["w1", "w2", "w3"], ["w4"]])
    assert all(isinstance(each.entities, list) for each in found)
    assert {each.type for tagging in found for each in tagging.entities} <= {"LOC", "PER"}


@pytest.mark.parametrize("scheme", [None, "none"])
def test_labels_of_earlier_runs_are_as_they_are(folder, scheme):
    path = folder / "iob1.conll"
    job = tagging_job(settings(path, scheme=scheme, output_layer="softmax"))
    task = untrained(job)
    assert task.labels == ("B-PER", "I-LOC", "I-PER", "O")
    for read in (job.read, lambda split: task.read(str(path), split)):
        labels = [row.tolist() for _, row in read("test").as_numpy_iterator()]
        assert [b" ".join(row).decode() for row in labels] == [SCHEMES["iob1"][19 % 3]]
    without = {name: value for name, value in settings(path).items() if name != "scheme"}
    assert options.Tag.recorded(settings(path)).resuming(without).scheme is None


def test_documents_are_tokens_of_earlier_runs_alone(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("-DOCSTART- O\n\n" + "a B-X\nb O\n\n" * 20)
    for scheme, first in ((None, b"-DOCSTART-"), ("none", b"a"), ("auto", b"a")):
        job = tagging_job(settings(path, scheme=scheme))
        task = Tagger.__new__(Tagger)
        task.settings, task.labels = job.options.record(), BIO
        for read in (job.read("train"), task.read(str(path), None)):
            assert next(read.as_numpy_iterator())[0][0] == first
    task = Tagger.__new__(Tagger)
    task.settings, task.labels = settings("other.conll", scheme=None), BIO
    assert next(task.read(str(path), None).as_numpy_iterator())[0][0] == b"a"


def test_one_wrong_label_does_not_stop_a_field(tmp_path, notes):
    path = write(tmp_path / "a.conll", SCHEMES["iob2"])
    text = path.read_text()
    path.write_text(text.replace("O", "I-LOC", 1))
    task = untrained(tagging_job(settings(path)))
    assert task.labels == BIO
    repaired = "I-LOC at the beginning of a sentence, read as B-LOC"
    assert notes()[-2:] == [
        f"{path}: labels are IOB2",
        f"repaired 1 label of {29 * 4}: first in {path}, line 1: {repaired}",
    ]


@pytest.mark.parametrize("output", ["crf", "softmax"])
@pytest.mark.parametrize("split, sentence", [("validation", 18), ("test", 19)])
def test_a_label_that_training_has_not_is_named(tmp_path, split, sentence, output):
    path = write(tmp_path / "a.conll", SCHEMES["iob1"])
    lines = path.read_text().split("\n")
    lines[sentence * 5 + 2] = "w I-MISC"
    path.write_text("\n".join(lines))
    job = tagging_job(settings(path, output_layer=output))
    line = sentence * 5 + 3
    with pytest.raises(
        ValueError, match=f"a.conll, line {line}: .* of the {split} split .*: 'B-MISC'"
    ):
        job.new_task(job.read("train"))


def test_what_breaks_the_rules_is_named_where_labels_stay_as_they_are(folder):
    job = tagging_job(settings(folder / "iob1.conll", scheme="none"))
    with pytest.raises(ValueError, match=r"iob1.conll, line 1: .*\(scheme='auto' repairs them"):
        job.new_task(job.read("train"))


def test_rare_types_have_all_their_labels(tmp_path):
    """What training has only in one token may have two in another split."""
    path = write(tmp_path / "a.conll", SCHEMES["iob2"])
    lines = path.read_text().split("\n")
    lines[3], lines[18 * 5 : 18 * 5 + 2] = "w B-MISC", ["w B-MISC", "w I-MISC"]
    path.write_text("\n".join(lines))
    job = tagging_job(settings(path))
    assert set(job.new_task(job.read("train")).labels) == {*BIO, "B-MISC", "I-MISC"}


def test_wrong_schemes_are_refused(folder):
    with pytest.raises(ValueError, match="`scheme` to be one of .*Received: 'io'"):
        tagging_job(settings(folder / "iob1.conll", scheme="io")).check_settings()


def test_a_cache_tells_schemes_apart(folder, tmp_path):
    found = [
        tagging_job(settings(folder / "iob1.conll", scheme=scheme, cache=str(tmp_path))).cache(
            "train"
        )
        for scheme in ("none", "auto", "iob2")
    ]
    assert found[0] != found[1] != found[2] != found[0]
    assert tagging_job(settings(folder / "iob1.conll")).cache("train") is None
    assert tagging_job(settings(folder / "behind.conll")).data.scheme == Scheme("iob2", "PER_B")
