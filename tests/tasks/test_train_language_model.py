"""Training language models: streams and sentences, resuming, and what a perplexity needs."""

import contextlib
import csv
import dataclasses
import io
import json
import os
import pathlib

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import LanguageModel, Tokenizer, Vocabulary, options
from kerasrnn.losses import NegativeLogProbability
from kerasrnn.optimizers import FusedAdam, FusedSGD, LazyAdam
from kerasrnn.tasks.language_model.job import LanguageModelJob


def language_model_job(settings):
    """A job as of a run that recorded these settings, and no others."""
    return LanguageModelJob(
        dataclasses.replace(options.LanguageModel.recorded(settings))
    )  # which checks them


def settings(folder, **changes):
    return {
        "data": str(folder / "texts.txt"),
        "data_dir": None,
        "whole_file": False,
        "level": "word",
        "min_count": 2,
        "max_vocabulary_size": None,
        "context": "stream",
        "model": "recurrent",
        "cell": "gru",
        "units": 7,
        "num_layers": 1,
        "dropout": 0.0,
        "variational": False,
        "window": 3,
        "embedding": None,
        "output_layer": "full",
        "length": 5,
        "max_length": 11,
        "epochs": 1,
        "batch_size": 3,
        "optimizer": "adam",
        "learning_rate": 0.01,
        "clipnorm": 1.0,
        "seed": 1,
        **changes,
    }


def train(folder, output, resume=False, **changes):
    return language_model_job(settings(folder, **changes)).run(str(output), resume)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("training")
    words = ["one", "two", "three", "four", "five"]
    lines = [" ".join(words[i % 5 : i % 5 + 1 + i % 3]) for i in range(197)]
    (path / "texts.txt").write_text("\n".join(["rarity " + lines[0], *lines[1:]]))
    return path


def history(path):
    with open(path / "history.csv", newline="") as file:
        return [
            {k: float(v) for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)
        ]


HARD = {"cell": "lstm", "num_layers": 2, "dropout": 0.2, "output_layer": "tied", "embedding": 5}
HARD |= {"ema_momentum": 0.9}


@pytest.mark.slow
def test_interrupted_and_resumed_stream_ends_as_uninterrupted(folder, tmp_path):
    """The twin is fitted with the optimizer of the model that is saved, from reset states."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(folder, whole, epochs=3, **HARD)
    train(folder, parts, epochs=2, **HARD)
    train(folder, parts, resume=True, epochs=3, **HARD)
    assert history(parts) == history(whole)
    one, other = (keras.models.load_model(path / "model.keras") for path in (whole, parts))
    for mine, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(one.optimizer.variables, other.optimizer.variables, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert int(one.optimizer.iterations) > 2
    moments = [v for v in one.optimizer.variables if v.name.endswith("_momentum")]
    shapes = [tuple(weight.shape) for weight in one.trainable_weights]
    assert [tuple(moment.shape) for moment in moments] == shapes


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory):
    """The folder of a run, its task, and what was printed."""
    path = tmp_path_factory.mktemp("run") / "run"
    with contextlib.redirect_stdout(io.StringIO()) as out:
        task = train(folder, path)
    return path, task, out.getvalue()


def test_folder_holds_everything(folder, run):
    path, task, _ = run
    assert sorted(os.listdir(path)) == [
        *("config.json", "history.csv", "learning_curve.png", "metrics.json", "model.keras"),
        *("state", "vocabulary.json", "vocabulary.txt"),
    ]
    content, loaded = json.loads((path / "metrics.json").read_text()), kerasrnn.load(path)
    test = loaded.read(str(folder / "texts.txt"), "test")
    assert content["test"] == pytest.approx(loaded.evaluate(test))
    assert task.context == loaded.context == "stream" and loaded.max_length == 11
    for text, perplexity in content["examples"].items():
        (log_probs,) = loaded.token_log_probs([text], context="sentence")
        assert float(perplexity) == pytest.approx(np.exp(-log_probs.mean()), rel=1e-4)


def test_policy_is_printed_beside_the_perplexity(run):
    _, task, out = run
    assert "rarity" not in task.tokenizer.vocabulary and "one" in task.tokenizer.vocabulary
    assert max(map(len, out.splitlines())) <= 80
    out = " ".join(out.split())
    assert "9 ids of level word from the training split alone" in out
    assert "fewer than 2 times are <unknown>" in out
    assert "out-of-vocabulary rate 0.0000%" in out and "has read the texts before" in out


def test_validation_of_a_stream_is_that_of_its_rows(folder, run):
    """From reset states, however the training before it ended."""
    path, task, _ = run
    batches = kerasrnn.datasets.stream_batches(
        task.read(str(folder / "texts.txt"), "validation"), task.tokenizer, 3, 1000
    )
    ((tokens, labels, weights),) = batches.as_numpy_iterator()
    log_probs = keras.ops.log_softmax(task.model(tokens), axis=-1)
    values = np.take_along_axis(log_probs.numpy(), labels[..., None], -1)[..., 0]
    (row,) = history(path)
    expected = np.exp(-(values * weights).sum() / weights.sum())
    assert row["val_perplexity"] == pytest.approx(expected, rel=1e-4)
    assert row["val_bits_per_token"] == pytest.approx(np.log2(expected), rel=1e-4)


KINDS = {
    "elman, sgd, class": {
        **{"cell": "elman", "optimizer": "sgd", "learning_rate": 0.1},
        "output_layer": "class",
    },
    "adaptive, sentences": {
        **{"output_layer": "adaptive", "context": "sentence", "length": 2},
        **{"dropout": 0.1, "variational": True},
    },
    "tied adaptive, projection": {"output_layer": "tied_adaptive", "cell": "gru", "embedding": 5},
    "window, stream, lazy adam": {
        **{"model": "fixed_window", "embedding": 5, "optimizer": "lazy_adam"},
    },
    "mean window, characters": {
        **{"model": "mean_window", "context": "sentence", "length": 13},
        **{"level": "character", "whole_file": True},
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("changes", KINDS.values(), ids=KINDS)
def test_every_kind_learns_and_can_be_loaded(folder, tmp_path, changes):
    task = train(folder, tmp_path / "run", **changes)
    values = json.loads((tmp_path / "run" / "metrics.json").read_text())["test"]
    assert 1 < values["perplexity"] < len(task.tokenizer.vocabulary) - 2 + 0.5
    loaded = kerasrnn.load(tmp_path / "run")
    for one, other in zip(*(t.token_log_probs(["one", ""]) for t in (task, loaded)), strict=True):
        np.testing.assert_array_equal(one, other)
    log_prob = changes.get("output_layer") in ("class", "adaptive", "tied_adaptive")
    assert isinstance(loaded.model.loss, NegativeLogProbability) == log_prob
    kinds = {"adam": FusedAdam, "lazy_adam": LazyAdam, "sgd": FusedSGD}
    assert type(loaded.model.optimizer) is kinds[changes.get("optimizer", "adam")]
    assert loaded.model.optimizer.global_clipnorm == 1.0


def test_a_file_for_each_split(tmp_path):
    paths = {split: str(tmp_path / f"{split}.txt") for split in ("train", "validation", "test")}
    for split, path in paths.items():
        pathlib.Path(path).write_text(f"{split} one\ntwo\n")
    options = {"data": paths["train"], "validation_data": paths["validation"]}

    def read(options, split):
        job = language_model_job(settings(tmp_path, **options))
        lines = [text.decode() for text in job.read(split).as_numpy_iterator()]
        # What is evaluated later is what was held out.
        task = LanguageModel(
            job._new_model(5), Tokenizer(Vocabulary("a")), settings=job.options.record()
        )
        read_again = task.read(options["data"], split).as_numpy_iterator()
        assert [text.decode() for text in read_again] == lines
        return lines

    for split in paths:
        expected = "validation" if split == "test" else split
        assert read(options, split) == [f"{expected} one", "two"]
    assert read({**options, "test_data": paths["test"]}, "test") == ["test one", "two"]


def test_options_reach_the_model(folder):
    job = language_model_job(settings(folder, model="mean_window", window=2, embedding=3))
    model = job._new_model(9)
    assert model.get_layer("window").window == 2
    assert "hidden" not in {layer.name for layer in model.layers}
    model = language_model_job(settings(folder, cell="lstm", num_layers=2))._new_model(9)
    assert model.get_layer("recurrent").state_names == ["rnn_0_h", "rnn_0_c", "rnn_1_h", "rnn_1_c"]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"units": 0}, "`units`.* at least 1"),
        ({"cell": "lstmm"}, "'lstmm'"),
        ({"cell": "elman", "num_layers": 2}, "one layer"),
        ({"model": "cbow"}, "`model` to be one of .*'mean_window'.* Received: 'cbow'"),
        ({"context": "text"}, "`context` to be one of"),
        ({"optimizer": "adagrad"}, "`optimizer` to be one of"),
        ({"output_layer": "x"}, "`output_layer` to be one of"),
        ({"length": 0}, "`length` to be an integer of at least 1"),
        ({"max_length": 0}, "`max_length` to be an integer of at least 1"),
        ({"model": "fixed_window", "window": 0}, "`window`"),
        ({"min_count": 0}, "`min_count`"),
        ({"level": "syllable"}, "'syllable'"),
        ({"data": "nowhere.txt"}, "nowhere.txt"),
        ({"validation_data": "nowhere.txt"}, "nowhere.txt"),
        ({"validation_data": "python_docs"}, "a .txt file, of which to read all"),
        ({"test_data": "texts.txt"}, "`validation_data` beside `test_data`"),
        ({"batch_size": 1000}, "at least 1000 tokens, .* `batch_size`"),
        ({"batch_tokens": 100}, "`batch_tokens` with context='sentence' alone"),
        ({"learning_rate": 0.0}, "`learning_rate` to be a finite number above 0"),
    ],
)
def test_a_wrong_setting_writes_nothing(folder, tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        train(folder, tmp_path / "run", **changes)
    assert os.listdir(tmp_path) == []
