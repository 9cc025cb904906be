"""Runs are found, and those of the same task on the same data are compared."""

import json

import pytest

from kerasrnn import options
from kerasrnn.tasks import find_runs, read_run, registry
from tests.old_runs.cases import CASES, unpack
from tests.tasks.made_runs import make_run

ROWS = [{"val_perplexity": 3.0, "seconds": 2.5}, {"val_perplexity": 2.0, "seconds": 4.5}]


def by_name(folder, **options):
    return {run.folder.name: run for run in find_runs(folder, **options)}


def digests(of, data="a.csv"):
    return {"digests": {data: of}, "date": "2026-11-27T11:56:53Z"}


def test_options_that_differ_are_those_of_the_same_task_and_data(tmp_path):
    make_run(tmp_path / "a", "classify", {"accuracy": 0.5}, ROWS, data="a.csv", units=7)
    make_run(
        tmp_path / "b", "classify", {"accuracy": 0.75}, ROWS, data="a.csv", units=11, cell="gru"
    )
    make_run(tmp_path / "c", "classify", {"accuracy": 0.25}, ROWS, data="b.csv", units=13)
    make_run(tmp_path / "d", "tag", {"accuracy": 0.125}, ROWS, data="a.csv", units=17)
    runs = by_name(tmp_path)
    # That `a` has not recorded its cell says that it went by the default.
    assert {name: run.differs for name, run in runs.items()} == {
        "a": {"cell": "lstm", "units": 7},
        "b": {"cell": "gru", "units": 11},
        "c": {},
        "d": {},
    }
    assert [run.group for run in runs.values()] == [0, 0, 1, 2]
    assert [name for name, run in runs.items() if run.best] == ["b"]
    assert runs["a"].epochs == 2 and runs["a"].seconds == 7.0
    assert runs["a"].size == sum(path.stat().st_size for path in (tmp_path / "a").iterdir())


MAIN = {
    "classify": ([{"accuracy": 0.5}, {"accuracy": 0.6}], 1),
    "labels of entities": ([{"accuracy": 0.9, "f1": 0.6}, {"accuracy": 0.95, "f1": 0.5}], 0),
    "other labels": ([{"accuracy": 0.9}, {"accuracy": 0.95}], 1),
    "language-model": ([{"perplexity": 31.0}, {"perplexity": 37.0}], 0),
    "forecast": ([{"mae": 5.0, "rmse": 7.0}, {"mae": 3.0, "rmse": 11.0}], 1),
    "translate": ([{"exact_match": 0.7, "bleu": 50.0}, {"exact_match": 0.6, "bleu": 60.0}], 0),
    "of long texts": ([{"exact_match": 0.3, "bleu": 20.0}, {"exact_match": 0.2, "bleu": 30.0}], 1),
    "without sacreBLEU": ([{"exact_match": 0.3}, {"exact_match": 0.2, "bleu": 30.0}], 0),
    "caption": ([{"exact_match": 0.3, "bleu": 20.0}, {"exact_match": 0.2, "bleu": 30.0}], 1),
    "frames": ([{"accuracy": 0.3}, {"accuracy": 0.2}], 0),
}
TASK_OF = {
    "labels of entities": "tag",
    "other labels": "tag",
    "of long texts": "translate",
    "without sacreBLEU": "translate",
}


@pytest.mark.parametrize("name", MAIN)
def test_the_best_run_by_the_main_figure_of_its_task(name, tmp_path):
    tests, best = MAIN[name]
    for i, test in enumerate(tests):
        make_run(tmp_path / str(i), TASK_OF.get(name, name), test, ROWS, data="a.csv")
    make_run(tmp_path / "unfinished", TASK_OF.get(name, name), None, ROWS, data="a.csv")
    runs = by_name(tmp_path)
    assert [name for name, run in runs.items() if run.best] == [str(best)]
    assert {run.state for run in runs.values()} == {"finished", "unfinished"}


def test_a_run_alone_is_not_the_best(tmp_path):
    make_run(tmp_path / "a", "frames", {"accuracy": 0.5}, ROWS, data="a")
    make_run(tmp_path / "b", "frames", None, ROWS, data="a")
    assert not any(run.best for run in find_runs(tmp_path))


def test_data_are_the_same_by_their_digests(tmp_path):
    def run(name, data, digest=None):
        config = {} if digest is None else digests(digest, data)
        make_run(tmp_path / name, "classify", {"accuracy": 0.5}, ROWS, config, data=data)

    run("1", "a.csv", "x")
    run("2", "moved/a.csv", "x")
    run("3", "a.csv", "y")  # the file was changed
    run("4", "b.csv", "z")
    run("5", "b.csv")  # older than digests
    run("6", "a.csv")  # which of both?
    groups = {}
    for each in find_runs(tmp_path):
        groups.setdefault(each.group, []).append(each.folder.name)
    assert list(groups.values()) == [["1", "2"], ["3"], ["4", "5"], ["6"]]
    assert by_name(tmp_path)["2"].differs == {"data": "moved/a.csv"}


ALIKE = {
    "language-model": {"level": "character", "data": "a.txt"},
    "classify": {"features": "label=stars", "data": "a.csv"},
    "forecast": {"horizon": 3, "data": "a.csv"},
    "tag": {"folds": 3, "data": "a.conll"},  # tested on all rows, and not on those held out
}


@pytest.mark.parametrize("task", ALIKE)
def test_figures_of_other_things_are_not_compared(task, tmp_path):
    figures = {"perplexity": 3.0, "accuracy": 0.5, "mae": 0.5}
    make_run(tmp_path / "a", task, figures, ROWS, **ALIKE[task])
    make_run(tmp_path / "b", task, figures, ROWS, data=ALIKE[task]["data"])
    runs = by_name(tmp_path)
    assert runs["a"].group != runs["b"].group


def test_what_is_found_below_a_folder(tmp_path):
    run = make_run(tmp_path / "deep" / "er" / "run", "tag", {"accuracy": 0.5}, ROWS, data="a")
    make_run(run / "folds" / "1", "tag", {"accuracy": 0.5}, ROWS, data="a")
    make_run(tmp_path / ".hidden", "tag", None, ROWS, data="a")
    export = make_run(tmp_path / "models" / "1" / "assets", "tag", data="a")
    (export.parent / "saved_model.pb").touch()
    make_run(tmp_path / "1" / "2" / "3" / "4" / "5", "tag", data="too deep")
    assert [each.folder for each in find_runs(tmp_path, run, tmp_path / "deep")] == [run]
    assert [each.folder.name for each in find_runs(run / "folds")] == ["1"]


def test_what_is_broken_is_told_and_left_out(tmp_path):
    for name in ("broken", "list", "other", "figures", "history"):
        make_run(tmp_path / name, "tag", {"accuracy": 0.5}, ROWS, data="a")
    (tmp_path / "broken" / "config.json").write_text("{")
    (tmp_path / "list" / "config.json").write_text("[1, 2]")
    (tmp_path / "other" / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "figures" / "metrics.json").write_text("3")
    (tmp_path / "history" / "history.csv").write_text("epoch,loss\n0,much\n")
    make_run(tmp_path / "other" / "run", "tag", data="a")  # a folder of others may hold runs
    notes = []
    assert list(by_name(tmp_path, note=notes.append)) == ["run"]
    said = ["broken/config.json: expected JSON", "figures/metrics.json: expected a JSON object"]
    said += ["history/history.csv: expected a number", "list/config.json: expected a JSON object"]
    said += ["other/config.json: expected task and settings"]
    assert len(notes) == 5
    assert all(text in note for text, note in zip(said, notes, strict=True)), notes


def test_folders_without_runs(tmp_path):
    with pytest.raises(ValueError, match=r"Expected runs, .* Received: none in .*"):
        find_runs(tmp_path)
    with pytest.raises(ValueError, match="Expected a folder of runs. Received: .*nowhere', which"):
        find_runs(tmp_path, tmp_path / "nowhere")


def test_a_task_of_another_package_is_listed(tmp_path):
    make_run(tmp_path / "a", "spans", {"overlap": 0.5}, ROWS, digests("x"), width=3)
    make_run(tmp_path / "b", "spans", {"overlap": 0.25}, ROWS, digests("x"), width=5)
    runs = by_name(tmp_path)
    assert runs["a"].figure is None and not runs["a"].best and runs["b"].differs == {"width": 5}
    assert runs["b"].data == "a.csv"


def test_a_task_says_where_it_is_registered_what_it_is_compared_by(tmp_path, monkeypatch):
    class Shorten(options.Options):
        task = "shorten"

    monkeypatch.setattr(registry, "_ENTRIES", dict(registry.registered()))
    registry.register(Shorten, list, figures=(registry.MainFigure("words", lower=True),))
    make_run(tmp_path / "a", "shorten", {"accuracy": 0.5, "words": 7}, ROWS)
    make_run(tmp_path / "b", "shorten", {"accuracy": 0.25, "words": 3}, ROWS)
    assert [run.folder.name for run in find_runs(tmp_path) if run.best] == ["b"]


@pytest.mark.parametrize("case", CASES)
def test_every_task_has_a_main_figure_that_its_runs_have(case, tmp_path):
    unpack(case, tmp_path)
    for run in find_runs(tmp_path / "whole"):
        assert run.figure is not None and run.figure.name in run.test
        assert run.monitor in run.validation and run.best_epoch in range(1, run.epochs + 1)


def test_the_epoch_that_was_kept(tmp_path):
    rows = [{"val_perplexity": value} for value in (3.0, 2.0, 5.0)]
    run = make_run(tmp_path / "a", "tag", {"accuracy": 0.5}, rows, data="a")
    assert (read_run(run).epoch, read_run(run).best_epoch) == (None, 2)
    metrics = json.loads((run / "metrics.json").read_text())
    (run / "metrics.json").write_text(json.dumps({**metrics, "epoch": 1}))
    assert (read_run(run).epoch, read_run(run).best_epoch) == (1, 1)


def test_what_was_saved_from_python_is_no_training(tmp_path):
    run = make_run(tmp_path / "a", "tag")
    assert read_run(run).state == "unfinished" and read_run(run).epochs == 0
    (run / "model.keras").touch()
    assert read_run(run).state == "saved from Python" and not read_run(run).resumable
