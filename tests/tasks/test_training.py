"""Training into a folder: what it holds, resuming, and refusing before anything is written."""

import csv
import dataclasses
import json
import os
import pathlib
import re

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.tasks.translate.job import TranslationJob


def translation_job(settings):
    """A job as of a run that recorded these settings, and no others."""
    return TranslationJob(
        dataclasses.replace(options.Translate.recorded(settings))
    )  # which checks them


def train_translator(output, resume=False, **options):
    return translation_job(options).run(output, resume)


def settings(folder, **changes):
    return {
        "data": str(folder / "pairs.tsv"),
        "data_dir": None,
        "level": "character",
        "min_count": 1,
        "max_vocabulary_size": None,
        "cell": "gru",
        "units": 7,
        "num_layers": 1,
        "bidirectional": True,
        "dropout": 0.2,
        "attention": "dot",
        "input_feeding": False,
        "embedding": 5,
        "share_embeddings": False,
        "tie_output": False,
        "epochs": 3,
        "batch_size": 11,
        "learning_rate": 0.01,
        "clipnorm": 1.0,
        "seed": 1,
        **changes,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("training")
    lines = [f"{'ab'[i % 2] * (i % 5 + 1)}\t{i % 5}{i % 2}\n" for i in range(97)]
    (path / "pairs.tsv").write_text("".join(lines))
    return path


@pytest.fixture(scope="module")
def traces():
    """How often a step of training and one of validation were traced, or run outside of a graph."""
    counts = {"train_step": 0, "test_step": 0}
    with pytest.MonkeyPatch.context() as patch:
        for name in counts:
            step = getattr(keras.Model, name)

            def counted(*args, name=name, step=step):
                counts[name] += 1
                return step(*args)

            patch.setattr(keras.Model, name, counted)
        yield counts


@pytest.fixture(scope="module")
def run(folder, traces):
    """An uninterrupted run."""
    train_translator(output=str(folder / "whole"), **settings(folder))
    traces["of the run"] = {**traces}
    return folder / "whole"


def history(path):
    with open(path / "history.csv", newline="") as file:
        return [
            {k: float(v) for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)
        ]


def test_folder_holds_everything(run):
    assert sorted(os.listdir(run)) == [
        *("attention.png", "config.json", "history.csv", "learning_curve.png", "metrics.json"),
        *("model.keras", "source_vocabulary.json", "source_vocabulary.txt", "state"),
        *("target_vocabulary.json", "target_vocabulary.txt"),
    ]
    assert [row["epoch"] for row in history(run)] == [0, 1, 2]
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["test"] == pytest.approx(
        kerasrnn.load(run).evaluate(kerasrnn.datasets.text_pairs(run.parent / "pairs.tsv", "test"))
    )
    assert metrics["epochs"] == 3 and metrics["examples"]
    assert (run / "attention.png").read_bytes()[:4] == b"\x89PNG"


def test_a_training_traces_its_steps_once(run, traces):
    """Batches of other lengths, the smaller last ones, and further epochs trace nothing anew."""
    assert traces["of the run"] == {"train_step": 1, "test_step": 1}


def test_nothing_is_left_to_xla_unless_asked_for(folder, tmp_path, monkeypatch, capsys):
    """Keras would decide by the machine."""
    asked = []
    compiled = keras.Model.compile

    def compile(self, *args, jit_compile="auto", **options):
        asked.append(jit_compile)
        compiled(self, *args, jit_compile=jit_compile, **options)

    monkeypatch.setattr(keras.Model, "compile", compile)
    job = translation_job(settings(folder))
    job.compiled_model(job.new_task(job.read_splits()["train"]), 3)
    assert asked == [False] and job.compiled_in_words().startswith("nothing")


def test_gradient_is_clipped_by_its_global_norm(run):
    model = keras.models.load_model(run / "model.keras")
    assert model.optimizer.global_clipnorm == 1.0


@pytest.mark.slow
def test_interrupted_and_resumed_ends_as_uninterrupted(folder, run, tmp_path):
    output = str(tmp_path / "run")
    train_translator(output=output, **settings(folder, epochs=2))
    train_translator(output=output, resume=True, **settings(folder))
    assert history(pathlib.Path(output)) == history(run)
    weights = [
        keras.models.load_model(f"{path}/model.keras").get_weights() for path in (output, run)
    ]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_a_run_with_a_cache_and_a_budget_of_tokens_resumes_too(folder, tmp_path, capsys):
    options = {"batch_tokens": 60, "static_shapes": True}
    train_translator(output=str(tmp_path / "whole"), **settings(folder, **options))
    assert re.search(
        r"batches: \d+ for training; .*% of their steps are padding", capsys.readouterr().out
    )
    options["cache"] = str(tmp_path / "cache")
    output = tmp_path / "run"
    train_translator(output=str(output), **settings(folder, epochs=1, **options))
    caches = sorted(os.listdir(tmp_path / "cache"))
    assert len(caches) == 2  # training and validation
    train_translator(output=str(output), resume=True, **settings(folder, **options))
    assert history(output) == history(tmp_path / "whole")
    assert sorted(os.listdir(tmp_path / "cache")) == caches


@pytest.mark.slow
def test_resuming_a_finished_run_trains_no_more(folder, run):
    before = history(run)
    train_translator(output=str(run), resume=True, **settings(folder))
    assert history(run) == before


@pytest.mark.slow
def test_a_gain_that_will_not_do_halves_the_rate_and_then_ends_the_training(folder, tmp_path):
    options = settings(folder, min_improvement=1e6, epochs=5)
    train_translator(output=str(tmp_path / "run"), **options)
    assert [row["learning_rate"] for row in history(tmp_path / "run")] == pytest.approx(
        [0.01, 0.01, 0.005]
    )


class Interrupt(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if self.model.optimizer.iterations.numpy() == self.params["steps"] + 3:
            raise KeyboardInterrupt


@pytest.mark.slow
def test_ctrl_c_leaves_the_last_epoch(folder, run, tmp_path, monkeypatch):
    fit = keras.Model.fit

    def interrupted(self, *args, callbacks, **options):
        return fit(self, *args, callbacks=[*callbacks, Interrupt()], **options)

    monkeypatch.setattr(keras.Model, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_translator(output=str(tmp_path / "run"), **settings(folder))
    monkeypatch.undo()
    assert kerasrnn.load(tmp_path / "run").predict(["a", "bb"])
    assert len(history(tmp_path / "run")) == 1
    train_translator(output=str(tmp_path / "run"), resume=True, **settings(folder))
    assert history(tmp_path / "run") == history(run)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"units": 0}, "at least 1. Received: 0"),
        ({"cell": "lstmm"}, "'lstmm'"),
        ({"attention": "x"}, "'x'"),
        ({"dropout": -0.1}, "-0.1"),
        ({"epochs": 0}, "`epochs` to be an integer of at least 1. Received: 0"),
        ({"batch_size": 0}, "`batch_size`"),
        ({"batch_tokens": 0}, "`batch_tokens` to be an integer of at least 1. Received: 0"),
        ({"cache": __file__}, "Expected a folder for the cache"),
        ({"learning_rate": 0.0}, "`learning_rate` to be a finite number above 0"),
        ({"clipnorm": float("nan")}, "`clipnorm` to be a finite number above 0"),
        (
            {"min_improvement": 0.9},
            "`min_improvement` to be a finite number of at least 1",
        ),
        ({"data": "datez"}, "Received: 'datez'"),
        ({"data": "nowhere.tsv"}, "nowhere.tsv"),
        ({"level": "syllable"}, "'syllable'"),
        ({"input_feeding": True, "attention": "none"}, "`attention` for input feeding"),
        ({"min_count": 0}, "`min_count`"),
        ({"max_vocabulary_size": 3}, "`max_vocabulary_size`"),
    ],
)
def test_a_wrong_setting_writes_nothing(folder, tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        train_translator(output=str(tmp_path / "run"), **settings(folder, **changes))
    assert os.listdir(tmp_path) == []


def test_existing_folders_are_left_alone(folder, tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(ValueError, match="Output folder is not empty"):
        train_translator(output=str(tmp_path), **settings(folder))
    with pytest.raises(ValueError, match="without config.json"):
        train_translator(output=str(tmp_path), resume=True, **settings(folder))
    for output in (tmp_path / "mine.txt", tmp_path / "mine.txt" / "run"):
        with pytest.raises(ValueError, match="Expected a folder|can be written"):
            train_translator(output=str(output), **settings(folder))
    assert os.listdir(tmp_path) == ["mine.txt"]


def test_a_run_is_not_resumed_with_other_settings(folder, run):
    with pytest.raises(ValueError, match="units=7, now 5"):
        train_translator(output=str(run), resume=True, **settings(folder, units=5))


@pytest.mark.slow
def test_input_feeding_shared_embeddings_and_tied_output(folder, tmp_path):
    options = {"input_feeding": True, "share_embeddings": True, "tie_output": True}
    output = tmp_path / "run"
    train_translator(output=str(output), **settings(folder, epochs=1, **options))
    task = kerasrnn.load(output)
    layers = {layer.name: layer for layer in task.model.layers}
    assert isinstance(layers["decoder"], kerasrnn.layers.InputFeedingDecoder)
    assert "embedding" in layers and "output" not in layers
    assert task.source.vocabulary.tokens == task.target.vocabulary.tokens
    assert {"a", "b", "0", "1", "4"} <= set(task.source.vocabulary.tokens)
    texts = ["ab", "bbb"]
    folder = task.export(tmp_path / "model", texts, signatures=())
    assert kerasrnn.export.run_elsewhere(folder, {"text": texts}) == task.predict(texts)
