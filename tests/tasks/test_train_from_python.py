"""`kerasrnn.train(options, folder, resume=True)`, for each task."""

import csv
import dataclasses
import pathlib
import re

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import options

DATA = pathlib.Path(__file__).parents[1] / "fixtures" / "format_1" / "data"
SMALL = {"units": 3, "learning_rate": 0.03, "dropout": 0.2, "recurrence": "keras"}
CASES = {
    "translate": options.Translate(data=DATA / "phrases.csv", level="word", embedding=2, **SMALL),
    "classify": options.Classify(data=DATA / "names.tsv", embedding=2, **SMALL),
    "classify-images": options.Classify(data=DATA / "digits" / "labels.tsv", **SMALL),
    "tag": options.Tag(data=DATA / "tags.conll", embedding=2, character_filters=3, **SMALL),
    "caption": options.Caption(data=DATA / "digits" / "captions.tsv", embedding=2, **SMALL),
    "frames": options.Frames(data="moving_digits", data_dir=DATA / "prepared", **SMALL),
    "language-model": options.LanguageModel(
        data=DATA / "sentences.txt", context="sentence", embedding=2, **SMALL
    ),
    "forecast": options.Forecast(data=DATA / "series.csv", window=5, **SMALL),
}
QUICK = ("forecast",)


def history(run):
    with open(run / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


class Interrupt(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def interrupt_fit(patch):
    fit = keras.Model.fit

    def interrupted(self, *args, callbacks, **others):
        return fit(self, *args, callbacks=[*callbacks, Interrupt()], **others)

    patch.setattr(keras.Model, "fit", interrupted)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in CASES]
)
def test_an_interrupted_run_ends_as_an_uninterrupted_one(name, tmp_path, eager_training):
    case = dataclasses.replace(CASES[name], epochs=2)
    whole = kerasrnn.train(case, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt), pytest.MonkeyPatch.context() as patch:
        interrupt_fit(patch)
        kerasrnn.train(case, tmp_path / "run")
    assert len(history(tmp_path / "run")) == 1
    ours = kerasrnn.train(case, tmp_path / "run", resume=True)
    assert (
        ours.name in (name, f"{name}-series")
        and isinstance(ours, kerasrnn.Task)
        and ours.options == case
    )
    loaded = kerasrnn.load(tmp_path / "run")
    for one, other in ((ours, whole), (ours, loaded)):
        for weight, same in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, same)
    figures = history(tmp_path / "run")
    assert figures == history(tmp_path / "whole") and len(figures) == 2


def times_in(run):
    """When each file was written, but the lock, which a training that is refused takes too."""
    return {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.name != "lock"}


def test_options_are_those_the_run_was_begun_with(tmp_path, eager_training):
    case, run = dataclasses.replace(CASES["forecast"], epochs=1), tmp_path / "run"
    kerasrnn.train(case, run)
    before = times_in(run)
    longer = dataclasses.replace(case, epochs=2)
    other = dataclasses.replace(longer, units=5, seed=7)
    with pytest.raises(ValueError, match="was begun with: units=3, now 5; seed=1, now 7$"):
        kerasrnn.train(other, run, resume=True)
    with pytest.raises(ValueError, match="Output folder is not empty"):
        kerasrnn.train(case, run)
    assert times_in(run) == before
    task = kerasrnn.train(longer, run, resume=True)  # the number of epochs is free
    assert len(history(run)) == 2 and task.options == case


@pytest.mark.parametrize(
    "wrong, received",
    [
        (options.Translate, "the class Translate"),
        (options.Options(), r"Options\(epochs=10, .*"),
        ({"data": "dates"}, "{'data': 'dates'}"),
        ("dates", "'dates'"),
    ],
)
def test_what_are_no_options_of_a_task_is_one_sentence(wrong, received, tmp_path):
    names = "Caption, Classify, Compare, Forecast, Frames, LanguageModel, Regress, Tag, Translate"
    names += ", WordVectors"
    with pytest.raises(ValueError) as error:
        kerasrnn.train(wrong, tmp_path / "run")
    message = f"Expected options of a task, one of {names}. Received: {received}"
    assert re.fullmatch(message, str(error.value)) and not (tmp_path / "run").exists()
