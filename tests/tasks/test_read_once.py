"""A training reads each split as often as it has to: for the vocabularies, and for the examples."""

import collections

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import options
from kerasrnn.datasets.sources import tagged_split
from kerasrnn.layers.bio import bio_constraints
from kerasrnn.layers.schemes import Scheme
from kerasrnn.tasks.caption.job import CaptionJob
from kerasrnn.tasks.classify.job import ClassificationJob
from kerasrnn.tasks.tag.job import TaggingJob
from kerasrnn.tasks.translate.job import TranslationJob

SMALL = {"units": 3, "embedding": 2, "batch_size": 5, "min_count": 1}
WORDS = ["in", "Oslo", "we", "go", "there"]


def counted(job, monkeypatch):
    """Counts by split how often the raw examples of a job are gone through."""
    passes, read = collections.Counter(), job.read

    def counting(split):
        raw = read(split)
        examples = [*raw.as_numpy_iterator()]

        def rows():
            passes[split] += 1
            yield from examples

        again = tf.data.Dataset.from_generator(rows, output_signature=raw.element_spec)
        off = tf.data.Options()
        off.autotune.enabled = False  # its thread sleeps for seconds, see `read_ahead`
        return again.with_options(off)

    monkeypatch.setattr(job, "read", counting)
    return passes


def prepared(job):
    """Does what a training does before the first batch; returns the task."""
    raw = job.read_splits()
    task = job.new_task(raw["train"])
    batches, _, validation = job.streams(task, raw, 0)
    batches = job.varied(batches, task, raw["train"], 0)
    next(iter(batches)), next(iter(validation))
    return task


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.tsv"
    rows = [f"{WORDS[i % 5]} {'x' * (i % 7)}\t{'yes' if i % 3 else 'no'}\n" for i in range(40)]
    path.write_text("".join(rows))
    return str(path)


@pytest.mark.parametrize("share_embeddings", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_translator_encodes_its_pairs_once(pairs, share_embeddings, monkeypatch):
    given = options.Translate(
        data=pairs, level="character", share_embeddings=share_embeddings, **SMALL
    )
    job = TranslationJob(given)
    passes = counted(job, monkeypatch)
    task = prepared(job)
    assert passes == {"train": 2, "validation": 1}
    assert task.max_length == (len("yes") + 1) * 3 // 2


def test_a_classifier_reads_labels_with_the_texts(pairs, monkeypatch):
    job = ClassificationJob(options.Classify(data=pairs, level="word", **SMALL))
    passes = counted(job, monkeypatch)
    assert prepared(job).labels == ("no", "yes")
    assert passes == {"train": 2, "validation": 2, "test": 1}


def test_a_captioner_decodes_its_images_once(tmp_path, monkeypatch):
    png = tf.io.encode_png(np.zeros((8, 8, 1), "uint8")).numpy()
    rows = []
    for i in range(40):
        (tmp_path / f"{i}.png").write_bytes(png)
        rows.append(f"{i}.png\t{'ab' * (1 + i % 3)}\n")
    (tmp_path / "images.tsv").write_text("".join(rows))
    job = CaptionJob(options.Caption(data=str(tmp_path / "images.tsv"), level="character", **SMALL))
    passes = counted(job, monkeypatch)
    task = prepared(job)
    assert passes == {"train": 1, "validation": 1}
    assert task.max_length == (len("ababab") + 1) * 3 // 2


@pytest.mark.parametrize("scheme", ["auto", "none"])
def test_a_tagger_reads_each_split_for_its_counts_and_for_its_examples(
    tmp_path, scheme, monkeypatch
):
    """Of the test split the labels are checked; its sentences are for the report."""
    path = tmp_path / "a.conll"
    path.write_text("".join(f"{WORDS[i % 5]} B-LOC\nin O\n\n" for i in range(40)))
    reads, column_sentences = [], tagged_split.column_sentences

    def reading(*arguments, **named):
        yield from column_sentences(*arguments, **named)
        reads.append(None)

    monkeypatch.setattr(tagged_split, "column_sentences", reading)
    weights = {"output_layer": "softmax", "class_weights": "balanced", "characters": True}
    prepared(TaggingJob(options.Tag(data=str(path), scheme=scheme, **weights, **SMALL)))
    checked, counted, encoded = 3, 3, 2  # a file is checked when a split of it is read
    assert len(reads) == checked + counted + encoded


@pytest.mark.parametrize("name", ["iob1", "iob2", "bioes", "biluo", "bmes"])
def test_what_is_in_a_scheme_keeps_to_its_rules(name):
    """Whatever the labels are: a job need not look at them again."""
    letters = {"iob1": "BI", "iob2": "BI", "biluo": "BILU", "bmes": "BMES"}.get(name, "BIES")
    labels = ["O", *(f"{letter}-{kind}" for letter in letters for kind in ("X", "Y"))]
    scheme, choose = Scheme(name), np.random.default_rng(3).choice
    for length in (1, 2, 3, 5, 7) * 40:
        right = scheme.rewrite(choose(labels, length).tolist())
        names = scheme.completed(right)
        allowed = bio_constraints(names)
        ids = [names.index(label) for label in right]
        assert allowed["start"][ids[0]] and allowed["end"][ids[-1]]
        assert all(allowed["transition"][i][j] for i, j in zip(ids, ids[1:], strict=False))
