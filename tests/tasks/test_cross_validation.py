"""`folds=3`: a run for each fold, figures that count each row once, and a model of all rows."""

import csv
import dataclasses
import json
import pathlib

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.cli.main import main
from kerasrnn.options import FoldSplit
from kerasrnn.tasks.folds.fold_figures import figures_of_folds, print_folds
from kerasrnn.tasks.folds.fold_rates import best_rates, median_place

DATA = pathlib.Path(__file__).parents[1] / "fixtures" / "format_1" / "data"
SMALL = {"units": 3, "learning_rate": 0.03, "dropout": 0.2, "min_count": 1, "epochs": 2, "folds": 3}
WORDS = {"embedding": 2, **SMALL}
CASES = {
    "classify": options.Classify(data=DATA / "names.tsv", lowercase=False, **WORDS),
    "classify-images": options.Classify(data=DATA / "digits" / "labels.tsv", **SMALL),
    "tag": options.Tag(data=DATA / "tags.conll", lowercase=False, character_filters=3, **WORDS),
    "translate": options.Translate(data=DATA / "phrases.csv", level="word", **WORDS),
    "caption": options.Caption(data=DATA / "digits" / "captions.tsv", **WORDS),
    "language-model": options.LanguageModel(data=DATA / "sentences.txt", batch_size=2, **WORDS),
}
# Rows, sentences or lines in all.
ROWS = {
    "classify": 61,
    "classify-images": 41,
    "translate": 71,
    "caption": 41,
    "language-model": 121,
}
QUICK = ("classify",)


def history(run):
    with open(run / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def metrics(run):
    found = json.loads((run / "metrics.json").read_text())
    del found["training_seconds"]
    return found


def settings(run):
    return json.loads((run / "config.json").read_text())["settings"]


def interrupt_epoch(patch, number):
    """Interrupts the training before an epoch, of all that there will be of all folds, from 0."""
    fit, begun = keras.Model.fit, []

    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            begun.append(epoch)
            if len(begun) > number:
                raise KeyboardInterrupt

    def interrupted(self, *args, callbacks, **others):
        return fit(self, *args, callbacks=[*callbacks, Interrupt()], **others)

    patch.setattr(keras.Model, "fit", interrupted)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in CASES]
)
def test_a_cross_validation(name, tmp_path, eager_training, capsys, caplog):
    case, run = CASES[name], tmp_path / "run"
    task = kerasrnn.train(case, run)
    assert not caplog.records  # such as of TensorFlow about so many graphs
    found, read = metrics(run), kerasrnn.load(run)
    folds = [run / "folds" / str(fold) for fold in (1, 2, 3)]
    # Each fold is a run, whose figures are those of its model on rows that it has not seen.
    for fold, (place, figures) in enumerate(zip(folds, found["folds"], strict=True), start=1):
        assert (settings(place)["folds"], settings(place)["fold"]) == (3, fold)
        assert metrics(place)["test"] == figures["test"] and figures["fold"] == fold
        assert figures["rows"] == figures["test"]["examples"]
    third = kerasrnn.load(folds[2])
    again = third.evaluate(third.read(case.data, "test"))
    assert again == pytest.approx(found["folds"][2]["test"])
    # All rows are counted once, and the figures are means.
    assert found["test"]["examples"] == sum(each["rows"] for each in found["folds"])
    assert found["test"]["examples"] == ROWS.get(name, found["test"]["examples"])
    for figure in found["test_std"]:
        values = np.array([each["test"][figure] for each in found["folds"]])
        assert found["test"][figure] == pytest.approx(values.mean())
        assert found["test_std"][figure] == pytest.approx(values.std(ddof=1))
    said = " ".join(capsys.readouterr().out.split())
    assert "over 3 folds;" in said
    # What a fold was told by its data, the last model was told by one of them.
    chosen = [json.loads((place / "config.json").read_text())["chosen"] for place in (*folds, run)]
    assert chosen.count(chosen[0]) == 4 and not {"units", "epochs"}.intersection(chosen[0])
    if name == "classify":
        assert {"batch_size", "learning_rate"} & set(chosen[0])
        assert said.count("Note: ") == said.partition("Fold 2 of 3")[0].count("Note: ") == 1
    # The last model has read all rows, words that occur once too, and validates and tests on none.
    assert (settings(run)["folds"], settings(run)["fold"]) == (3, None)
    assert len(history(run)) == found["epochs"] in {len(history(place)) for place in folds} | {1, 2}
    assert not [key for row in history(run) for key in row if key.startswith("val_")]
    assert (
        found["examples"].keys()
        == ({} if name == "language-model" else metrics(folds[0])["examples"]).keys()
    )
    if name == "classify":
        lines = pathlib.Path(case.data).read_text(encoding="utf-8").splitlines()
        words = {line.split("\t")[0].split()[0] for line in lines}
        known = [set(each.tokenizer.vocabulary.tokens) for each in (read, third)]
        assert words <= known[0] and not words <= known[1]
    lines = read.parse_lines(list(found["examples"]), run)
    assert len(read.predict(lines)) == len(lines)
    with pytest.raises(ValueError, match="trained on all of its rows"):
        read.read(case.data, "test")
    for one, other in zip(task.model.get_weights(), read.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_an_interrupted_one_goes_on_in_its_fold_and_ends_as_an_uninterrupted_one(
    tmp_path, eager_training, capsys
):
    case, whole, run = CASES["classify"], tmp_path / "whole", tmp_path / "run"
    kerasrnn.train(case, whole)
    # Within fold 2, and within the training on all rows.
    for number, finished, begun in ((3, ["1"], "folds/2"), (4, ["1", "2", "3"], ".")):
        with pytest.raises(KeyboardInterrupt), pytest.MonkeyPatch.context() as patch:
            interrupt_epoch(patch, number)
            kerasrnn.train(case, run, resume=run.exists())
        done = sorted(path.parent.name for path in run.glob("folds/*/metrics.json"))
        assert done == finished and len(history(run / begun)) < 2
        assert not (run / "metrics.json").exists()
    with pytest.raises(ValueError, match="not empty"):
        kerasrnn.train(case, run)
    capsys.readouterr()
    kerasrnn.train(case, run, resume=True)
    assert capsys.readouterr().out.count("It had ended") == 3
    for place in ("folds/1", "folds/2", "folds/3", "."):
        assert history(run / place) == history(whole / place)
        assert metrics(run / place) == metrics(whole / place)
        one, other = (kerasrnn.load(each / place).model.get_weights() for each in (run, whole))
        for weights, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(weights, same)


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A cross-validation of which the first fold has ended."""
    from kerasrnn.tasks.job import Job

    path = tmp_path_factory.mktemp("begun")
    (path / "small.tsv").write_text("".join(f"a{i}\t{'xy'[i % 2]}\n" for i in range(7)))
    case = dataclasses.replace(CASES["classify"], data=path / "small.tsv", epochs=1)
    compiled = Job.compiled_model

    def eager_model(self, *args):
        model = compiled(self, *args)
        model.run_eagerly = True
        return model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Job, "compiled_model", eager_model)
        kerasrnn.train(dataclasses.replace(case, fold=1), path / "run" / "folds" / "1")
    return path, case


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"units": 5}, "begun with: units=3, now 5"),
        ({"folds": 4}, "begun with: folds=3, now 4"),
        ({"epochs": 2}, "the same. Received: epochs=1, now 2"),
    ],
)
def test_folds_of_other_options_do_not_go_together(changes, said, begun):
    path, case = begun
    with pytest.raises(ValueError, match=said):
        kerasrnn.train(dataclasses.replace(case, **changes), path / "run", resume=True)


def test_folds_of_other_data_do_not_go_together(begun):
    path, case = begun
    before = (path / "small.tsv").read_text()
    (path / "small.tsv").write_text(before.replace("a3", "b3"))
    try:
        with pytest.raises(
            ValueError, match=r"folds.1 was begun with. Received: .*small\.tsv, whose"
        ):
            kerasrnn.train(case, path / "run", resume=True)
    finally:
        (path / "small.tsv").write_text(before)
    with pytest.raises(ValueError, match=r"Expected a run to resume.*without config.json"):
        kerasrnn.train(dataclasses.replace(case, folds=None), path / "run", resume=True)


@pytest.mark.parametrize(
    "labels, said",
    [
        ("xyzxyzxyz", "Expected at least two labels to tell apart. Received: .'z',"),
        ("xxxxxxxx", "Expected at least two labels"),
        # Of five rows the first is for test in fold 1, the second for validation.
        ("xyzxx" * 3, "Expected validation rows of fold 1 of 5 with labels that its training"),
    ],
)
def test_data_that_will_not_do_in_a_fold_are_found_out_before_any_is_trained(
    labels, said, tmp_path
):
    path, folds = tmp_path / "small.tsv", 5 if len(labels) == 15 else 3
    path.write_text("".join(f"a{i}\t{label}\n" for i, label in enumerate(labels)))
    with pytest.raises(ValueError, match=said):
        kerasrnn.train(options.Classify(data=path, folds=folds, min_count=1), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.parametrize("of", [options.Classify, options.Tag])
def test_a_label_that_occurs_once_steers_nothing_and_counts_as_an_error(
    of, tmp_path, eager_training, capsys
):
    """Of 13 rows the eighth has it: it is for test in fold 2 of 3, for validation in fold 1."""
    labels = ["z" if i == 7 else "xyyx"[i % 4] for i in range(13)]
    path = tmp_path / ("small.tsv" if of is options.Classify else "small.conll")
    between = "\n" * (of is options.Tag)
    path.write_text("".join(f"a{i}\t{label}\n{between}" for i, label in enumerate(labels)))
    case = of(data=path, folds=3, units=3, embedding=2, epochs=1, min_count=1)
    task = kerasrnn.train(case, tmp_path / "run")
    assert task.labels == ("x", "y", "z")
    found = [each["test"] for each in metrics(tmp_path / "run")["folds"]]
    assert [each.get("unseen_labels", 0) for each in found] == [0, 1, 0]
    assert metrics(tmp_path / "run")["test"]["unseen_labels"] == 1
    assert sum(each["examples"] for each in found) == 13
    for fold, known in ((1, "xy"), (2, "xy"), (3, "xyz")):
        assert kerasrnn.load(tmp_path / "run" / "folds" / str(fold)).labels == tuple(known)


@pytest.mark.parametrize(
    "words, said",
    [
        ("classify --data {} --folds 2", "`folds` to be an integer of at least 3. Received: 2"),
        ("classify --data languages --folds 3", "Expected a file for `folds`"),
        ("tag --data {} --folds 3 --fold 4", "one of the `folds`, from 1. Received: fold=4"),
        ("translate --data {} --fold 2", "Received: fold=2, folds=None"),
        ("language-model --data {} --folds 3 --whole-file", "Received: whole_file=True"),
        ("forecast --data {} --folds 3", "--folds"),
        ("frames --data moving_digits --folds 3", "--folds"),
    ],
)
def test_mistakes_are_one_sentence(words, said, tmp_path, capsys):
    words = words.format(DATA / "names.tsv").split()
    assert main(["train", *words, "--output", str(tmp_path / "run")]) == 2
    assert said in capsys.readouterr().err and not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_dry_run_is_of_the_first_fold(tmp_path, capsys, eager_training):
    case = CASES["classify"]
    words = ["train", "classify", "--data", str(case.data), "--folds", "3", "--units", "3"]
    assert main([*words, "--output", str(tmp_path / "run"), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "This is fold 1 of 3; the others are alike." in said
    assert "fold 1 of 3: of each 3 lines number 1 is for test and number 2 for validation" in said
    sizes = [line.split()[:2] for line in said.splitlines() if line.startswith("  t")][:2]
    assert sizes == [["train", "20"], ["test", "21"]]
    assert not (tmp_path / "run").exists()


def test_figures_of_folds(capsys):
    folds = [
        {"accuracy": 0.5, "f1": 0.25, "examples": 7, "unseen_labels": 2, "bleu_signature": "x"},
        {"accuracy": 1.0, "f1": None, "examples": 5, "bleu_signature": "x"},
        {"accuracy": 0.75, "f1": 0.75, "examples": 5, "bleu_signature": "x"},
    ]
    means, deviations = figures_of_folds(folds)
    assert means == {
        **{"accuracy": 0.75, "f1": 0.5, "examples": 17, "unseen_labels": 2},
        "bleu_signature": "x",
    }
    assert deviations == pytest.approx({"accuracy": 0.25, "f1": 0.125**0.5})
    print_folds(means, deviations, 3)
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("test: accuracy 0.75 ± 0.25, f1 0.5 ± 0.354 over 3 folds; examples 17")


def test_rates_are_those_of_the_epochs_that_were_not_in_vain():
    """Values, rates, and whether the best weights were put back after an epoch."""
    steered = [
        *((5.0, 0.8, False), (4.0, 0.8, False), (4.5, 0.8, False), (3.0, 0.8, False)),
        *((3.5, 0.8, False), (3.25, 0.8, True), (2.5, 0.4, False), (2.75, 0.4, True)),
    ]
    names = ("value", "learning_rate", "restored")
    epochs = [dict(zip(names, each, strict=True)) for each in steered]
    assert best_rates(epochs) == [0.8, 0.8, 0.8, 0.8, 0.4]
    assert best_rates(epochs[:4]) == best_rates(epochs[:6]) == [0.8] * 4
    assert best_rates(epochs[:3]) == [0.8] * 2
    assert best_rates([{**epochs[0], "value": "inf"}]) == []
    assert [median_place(each) for each in ([3], [5, 2, 7], [2, 9, 4, 4], [8, 1])] == [0, 0, 2, 1]


def test_a_split_of_a_fold_is_what_the_fold_was_tested_on():
    pairs = kerasrnn.datasets.text_pairs(CASES["translate"].data, FoldSplit("test", 3, 3))
    assert sum(1 for _ in pairs) == len(range(2, ROWS["translate"], 3))
