"""Run folders with anything in them: the answers of the task, or a sentence."""

import json
import math
import shutil

import numpy as np
import pytest
from hypothesis import strategies as st

import kerasrnn
from kerasrnn import Tokenizer, Vocabulary, language_model, many_to_one
from kerasrnn.checks import UserError
from kerasrnn.datasets import WindowScale
from kerasrnn.tasks.classify.task import Classifier
from kerasrnn.tasks.forecast.task import Forecaster
from kerasrnn.tasks.language_model.task import LanguageModel
from tests.fuzz.clean import CASES, HOSTILE, ends_cleanly, tried
from tests.tasks.made_runs import make_run

CONFIG = "config.json"
INPUTS = {
    "classify": ["so far", ""],
    "forecast": [[1.0, 2.0, 4.0]],
    "language_model": ["so"],
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, -1, 1, 2, 7, 2**31, 10**9, 10**30, -0.0, 1e-400, 1e300, math.nan, math.inf]
    ),
    st.sampled_from(HOSTILE),
    st.integers(),
    st.lists(st.sampled_from(["so", "no", "yes", 1, None, "x", {}]), max_size=3),
    st.dictionaries(
        st.sampled_from(["a", "level", "vocabulary.txt", "../x"]), st.text(), max_size=2
    ),
    st.just([[[[[]]]]] * 2),
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs by name, which nobody trained, and their answers."""
    words = Tokenizer(Vocabulary(["so", "far"]), "word")
    size = len(words.vocabulary)
    tasks = {
        "classify": Classifier(
            many_to_one(size, 2, embedding=2, units=3), words, ["no", "yes"], 5, {"data": "a.tsv"}
        ).with_threshold(0.4),
        "forecast": Forecaster(
            many_to_one((1,), 2, units=3), ["x"], ["x"], 3, 2, WindowScale("last", (0.5,), (2.0,))
        ),
        "language_model": LanguageModel(
            language_model(size, embedding=2, units=3), words, "sentence", 4, {"data": "a.txt"}
        ),
    }
    folder = tmp_path_factory.mktemp("runs")
    for name, task in tasks.items():
        task.save(folder / name)
    return folder, {name: answers(folder / name, name) for name in tasks}


def answers(folder, name):
    return [np.asarray(each).tolist() for each in kerasrnn.load(folder).predict(INPUTS[name])]


def places(content, path=()):
    """All places in JSON, the outer ones first."""
    yield path
    inside = content.items() if isinstance(content, dict) else ()
    inside = enumerate(content) if isinstance(content, list) else inside
    for name, each in inside:
        yield from places(each, (*path, name))


def changed(content, path, value):
    """JSON with another value in a place; without that place for `...`."""
    if not path:
        return value
    first, *others = path
    copy = content.copy()
    if others or value is not ...:
        copy[first] = changed(content[first], others, value)
    else:
        del copy[first]
    return copy


@CASES
def test_settings(number, runs, tmp_path):
    """`config.json` with other entries, in the form of older versions, which have no seal."""
    folder, _ = runs

    def check(data):
        name = data.draw(st.sampled_from(sorted(INPUTS)))
        content = json.loads((folder / name / CONFIG).read_text())
        del content["seal"]
        for _ in range(data.draw(st.integers(1, 2))):
            path = data.draw(st.sampled_from(list(places(content))))
            content = changed(
                content, path, data.draw(st.one_of(st.just(...), VALUES)) if path else []
            )
            if not isinstance(content, dict):
                break
        run = tmp_path / "run"
        shutil.copytree(folder / name, run, dirs_exist_ok=True)
        (run / CONFIG).write_text(json.dumps(content))
        try:
            answers(run, name)
        except UserError as error:
            assert "\n" not in str(error) and len(str(error)) < 1000

    tried(number // 2, check, data=st.data())


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    """A finished run, as far as its lists of figures go."""
    run = tmp_path_factory.mktemp("listed") / "run"
    rows = [{"loss": 2.5, "val_loss": 2.0, "seconds": 1.0}, {"loss": 1.5, "val_loss": 1.0}]
    make_run(run, "classify", {"accuracy": 0.5}, rows, {"date": "2026-01-01"}, data="a.tsv")
    exports = {"exports": [{"folder": "models/1", "date": "2026-01-02"}]}
    (run / "exports.json").write_text(json.dumps(exports))
    return run


@CASES
def test_listings(number, listed, tmp_path):
    """What `kerasrnn info` and `kerasrnn runs` say of a run whose files hold anything."""

    def check(data):
        run = tmp_path / "run"
        shutil.copytree(listed, run, dirs_exist_ok=True)
        path = run / data.draw(st.sampled_from(["config.json", "metrics.json", "exports.json"]))
        content = json.loads(path.read_text())
        for _ in range(data.draw(st.integers(0, 2))):
            place = data.draw(st.sampled_from(list(places(content))))
            content = changed(content, place, data.draw(VALUES))
        path.write_text(json.dumps(content))
        rows = (run / "history.csv").read_text()
        place = data.draw(st.integers(0, len(rows)))
        rows = rows[:place] + data.draw(st.sampled_from(["", "", *HOSTILE])) + rows[place:]
        (run / "history.csv").write_text(rows, errors="surrogateescape")
        for words in (["info"], ["info", "--json"], ["runs"]):
            ends_cleanly([*words, str(run)])

    tried(number // 2, check, data=st.data())


@CASES
def test_damaged_files(number, runs, tmp_path):
    """Whatever byte of a run has changed or is gone, its answers are never others."""
    folder, expected = runs

    def check(data):
        name = data.draw(st.sampled_from(sorted(INPUTS)))
        run = tmp_path / name
        shutil.copytree(folder / name, run, dirs_exist_ok=True)
        path = run / data.draw(st.sampled_from(sorted(each.name for each in run.iterdir())))
        content = path.read_bytes()
        place = data.draw(st.integers(0, len(content) - 1))
        flipped = bytes([content[place] ^ 1 << data.draw(st.integers(0, 7))])
        ways = {"cut": content[:place], "flipped": content[:place] + flipped + content[place + 1 :]}
        ways["inserted"] = content[:place] + b"\n" + content[place:]
        path.write_bytes(ways[data.draw(st.sampled_from(sorted(ways)))])
        try:
            assert answers(run, name) == expected[name]
        except UserError as error:
            assert "\n" not in str(error)

    tried(number // 2, check, data=st.data())
