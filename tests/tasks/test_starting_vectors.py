"""Trainings that start from word vectors: sizes, freezing, going on, and bad input."""

import dataclasses
import random

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.embeddings import write_vectors
from kerasrnn.tasks.pretrained.starting_vectors import size_of_files, starting_embedding
from kerasrnn.tasks.registry import entry_of
from kerasrnn.tasks.start import dry_run

WORDS = "the a cat dog bird sees likes big".split()
KNOWN = WORDS[:-2]
SIZE, OTHER = 7, 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("vectors")
    draw = random.Random(1)
    texts = [" ".join(draw.choices(WORDS, k=draw.randint(2, 5))) for _ in range(80)]
    labelled = [f"{text}\t{'yes' if 'cat' in text else 'no'}\n" for text in texts]
    (path / "texts.tsv").write_text("".join(labelled))
    (path / "pairs.tsv").write_text("".join(f"{text}\t{text.upper()}\n" for text in texts))
    (path / "texts.txt").write_text("".join(f"{text}\n" for text in texts))
    tagged = ["".join(f"{word}\t{len(word)}\n" for word in text.split()) for text in texts]
    (path / "tags.tsv").write_text("\n".join(tagged))
    rng = np.random.default_rng(3)
    for name, words, size in (
        ("small.txt", KNOWN, SIZE),
        ("capitals.txt", [word.upper() for word in KNOWN], OTHER),
        ("others.txt", ["xyz"], SIZE),
    ):
        write_vectors(path / name, words, rng.normal(size=(len(words), size)))
    return path


def made(folder, name, **changes):
    """The options of a small training from vectors."""
    vectors = {"vectors": str(folder / "small.txt")}
    common = {"min_count": 1, "units": 3, "batch_size": 16, "epochs": 3, "seed": 5}
    of_task = {
        "classify": (options.Classify, "texts.tsv", vectors),
        "tag": (options.Tag, "tags.tsv", {**vectors, "scheme": "none"}),
        "language-model": (
            options.LanguageModel,
            "texts.txt",
            {**vectors, "context": "sentence", "level": "word"},
        ),
        "translate": (
            options.Translate,
            "pairs.tsv",
            {
                "source_vectors": str(folder / "small.txt"),
                "target_vectors": str(folder / "capitals.txt"),
                "level": "word",
            },
        ),
    }
    kind, data, own = of_task[name]
    return kind(data=str(folder / data), **{**common, **own, **changes})


def vectors_of(model, name="token_embedding"):
    return np.asarray(next(w for w in model.get_layer(name).weights if w.name == "embeddings"))


def rows(folder, file, vocabulary):
    """The ids of the words in a file, and their vectors."""
    vectors = kerasrnn.embeddings.read_vectors(folder / file)
    return [vocabulary.id_of(word) for word in vectors.words], vectors.vectors


def built(made_options):
    job = entry_of(made_options).parts().job(made_options)
    job.check_options()
    return job, job.made_task(job.read_splits()["train"])


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("classify", {}),
        ("tag", {"characters": False}),
        ("language-model", {}),
        ("language-model", {"output_layer": "tied"}),
        ("language-model", {"output_layer": "tied_adaptive", "dtype": "mixed_bfloat16"}),
        ("language-model", {"output_layer": "tied", "dtype": "mixed_bfloat16", "units": 5}),
        ("language-model", {"model": "mean_window"}),
    ],
)
def test_the_model_starts_from_the_file_and_has_its_size(folder, name, changes, capsys):
    job, task = built(made(folder, name, **changes))
    tokenizer = task.words if name == "tag" else task.tokenizer
    ids, expected = rows(folder, "small.txt", tokenizer.vocabulary)
    np.testing.assert_array_equal(vectors_of(task.model)[ids], expected)
    assert task.model.get_layer("token_embedding").trainable
    assert "small.txt has vectors of 75.0 % of 8 words" in " ".join(capsys.readouterr().out.split())
    if name != "language-model":
        assert task.settings["embedding"] == SIZE and "embedding" in job.chosen


@pytest.mark.parametrize("tied", [False, True])
def test_both_sides_start_from_files_of_their_own(folder, tied):
    _, task = built(made(folder, "translate", tie_output=tied))
    for side, file in (("source", "small.txt"), ("target", "capitals.txt")):
        ids, expected = rows(folder, file, getattr(task, side).vocabulary)
        found = vectors_of(task.model, f"{side}_embedding")
        np.testing.assert_array_equal(found[ids], expected)
    assert len(task.predict(["the cat"])) == 1


def test_a_shared_embedding_starts_from_one_file(folder):
    given = made(folder, "translate", share_embeddings=True, source_vectors=None, tie_output=True)
    job, task = built(dataclasses.replace(given, freeze_vectors=1))
    ids, expected = rows(folder, "capitals.txt", task.target.vocabulary)
    np.testing.assert_array_equal(vectors_of(task.model, "embedding")[ids], expected)
    assert [each.names for each in job.callbacks()] == [("embedding",)]
    assert task.settings["embedding"] == OTHER


def test_captions_start_from_a_file_too(folder):
    given = options.Caption(data="digits", vectors=str(folder / "small.txt"), freeze_vectors=2)
    assert given.vector_files() == {"target_embedding": str(folder / "small.txt")}
    assert size_of_files(given) == SIZE
    vocabulary = kerasrnn.Vocabulary(["cat", "dog"])
    layer = starting_embedding(given, vocabulary, "target_embedding", output="tied")
    assert isinstance(layer, keras.layers.ReversibleEmbedding) and layer.output_dim == SIZE
    assert starting_embedding(given, vocabulary, "token_embedding") is given.embedding


class StopAt(keras.callbacks.Callback):
    """Interrupts before an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


def interrupted(given, folder, epoch, monkeypatch):
    job = entry_of(given).parts().job(given)
    callbacks = job.callbacks
    monkeypatch.setattr(job, "callbacks", lambda: [*callbacks(), StopAt(epoch)])
    with pytest.raises(KeyboardInterrupt):
        job.run(folder)


# While they are frozen, and when they no longer are.
@pytest.mark.parametrize("epoch", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_interrupted_run_ends_as_an_uninterrupted_one(folder, tmp_path, monkeypatch, epoch):
    given = made(folder, "classify", freeze_vectors=2, word_dropout=0.1, patience=9)
    kerasrnn.train(given, tmp_path / "whole")
    interrupted(given, tmp_path / "parts", epoch, monkeypatch)
    states = sorted(tmp_path.glob("parts/state/*.keras"))
    frozen = keras.models.load_model(states[-1])
    task = kerasrnn.train(given, tmp_path / "parts", resume=True)
    for one, two in zip(
        *(sorted(tmp_path.glob(f"{name}/state/*.keras"))[-1:] for name in ("whole", "parts")),
        strict=True,
    ):
        weights = [keras.models.load_model(path).get_weights() for path in (one, two)]
        for first, second in zip(*weights, strict=True):
            assert first.tobytes() == second.tobytes()
    ids, expected = rows(folder, "small.txt", task.tokenizer.vocabulary)
    assert vectors_of(frozen)[ids].tobytes() == expected.tobytes()
    trained = keras.models.load_model(sorted(tmp_path.glob("parts/state/*.keras"))[-1])
    assert not np.array_equal(vectors_of(trained)[ids], expected)
    # The file is no longer needed: the vectors are weights.
    answers = task.predict(["the cat", "big bird"])
    assert kerasrnn.load(tmp_path / "parts").predict(["the cat", "big bird"]) == answers


def test_a_run_that_is_older_than_the_options_goes_by_none():
    record = {"data": "a.tsv", "embedding": 100, "vectors": "v.txt", "units": 3}
    for kind in (options.Classify, options.Tag, options.LanguageModel, options.Caption):
        assert kind.recorded(record).freeze_vectors == 0
        assert kind.recorded({"data": "a.tsv"}).vectors is None
    assert options.Tag.recorded({"data": "a.tsv"}).embedding == 64
    resumed = options.Tag(data="a.tsv", vectors="v.txt", units=3).resuming(record)
    assert resumed.embedding == 100 and resumed.differences(record) == []


def test_the_dry_run_says_what_has_a_vector(folder, capsys):
    dry_run(made(folder, "classify", freeze_vectors=1))
    said = " ".join(capsys.readouterr().out.split())
    assert "vectors of 75.0 % of 8 words" in said and "% of the running words; 2 words are" in said


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("classify", {"embedding": 9}, "left out or 7, the size of those in .*small.txt.*: 9"),
        ("classify", {"vectors": "others.txt"}, "at least one of the 8 words"),
        ("classify", {"vectors": None, "freeze_vectors": 1}, "beside `freeze_vectors`"),
        ("classify", {"vectors": "texts.tsv"}, "texts.tsv, line 1: expected a header"),
        ("classify", {"vectors": "nowhere.txt"}, "nowhere.txt"),
        ("translate", {"share_embeddings": True}, "one file of word vectors"),
        ("translate", {"embedding": 7}, "left out or 5, the size of those in .*capitals.txt"),
        ("language-model", {"cell": "elman"}, "Elman's network"),
    ],
)
def test_bad_input_is_one_sentence_before_anything_is_written(
    folder, tmp_path, name, changes, message
):
    if changes.get("vectors"):
        changes = {**changes, "vectors": str(folder / changes["vectors"])}
    with pytest.raises(ValueError, match=message):
        kerasrnn.train(made(folder, name, **changes), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_images_have_no_words(folder):
    from kerasrnn.tasks.classify.image_job import ImageClassificationJob

    job = ImageClassificationJob(options.Classify(data="mnist"))
    assert job.options.embedding is None
    given = options.Classify(data="mnist", vectors=str(folder / "small.txt"))
    with pytest.raises(ValueError, match="no `vectors`: an image has no words"):
        ImageClassificationJob(given).check_options()
