"""Training with class weights, dropped words and smoothed labels, by the command line."""

import json

import numpy as np
import pytest

import kerasrnn
from kerasrnn.cli.main import main
from kerasrnn.losses import SmoothedCrossEntropy

SMALL = ["--units", "3", "--embedding", "2", "--batch-size", "7"]
VARIED = ["--word-dropout", "0.2", "--label-smoothing", "0.1"]
BALANCED = ["--class-weights", "balanced"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("varied")
    labels = ["rare" if i % 5 == 0 or i in (18, 19) else "often" for i in range(60)]
    lines = [f"word{i % 7} {label[:2]}\t{label}\n" for i, label in enumerate(labels)]
    (path / "texts.tsv").write_text("".join(lines))
    sentences = [f"the D\nword{i % 7} N\n\n" for i in range(60)]
    (path / "tags.conll").write_text("".join(sentences))
    return path


def train(task, data, output, *words):
    return main(["train", task, "--data", str(data), "--output", str(output), *SMALL, *words])


@pytest.mark.slow
def test_all_three_for_a_classifier(folder, tmp_path):
    run = tmp_path / "run"
    assert train("classify", folder / "texts.tsv", run, "--epochs", "1", *VARIED, *BALANCED) == 0
    assert json.loads((run / "metrics.json").read_text())["test"]["examples"] == 3
    assert isinstance(kerasrnn.load(run).model.loss, SmoothedCrossEntropy)


@pytest.mark.slow
def test_a_classifier_of_small_letters(folder, tmp_path):
    data, run = folder / "texts.tsv", tmp_path / "run"
    data.write_text(data.read_text().replace("word", "WoRD"))
    assert train("classify", data, run, "--epochs", "1", "--lowercase") == 0
    task = kerasrnn.load(run)
    assert "word1" in task.tokenizer.vocabulary.tokens
    one, other = task.classify(["WORD1 of", "word1 OF"])
    assert one.probabilities == other.probabilities


@pytest.mark.slow
def test_a_classifier_of_segments(folder, tmp_path, capsys):
    data, run = folder / "texts.tsv", tmp_path / "run"
    options = ["--epochs", "1", "--segment-length", "2"]
    assert train("classify", data, run, *options, "--pooling", "last") == 2
    assert "another `pooling` than 'last'" in capsys.readouterr().err and not run.exists()
    assert train("classify", data, run, *options) == 0
    task = kerasrnn.load(run)
    assert task.model.get_layer("recurrent").segment_length == 2
    ours, twice = task.classify(["word1 of", "word1 of word1 of"])
    for label, probability in ours.probabilities.items():  # attention over two segments alike
        assert twice.probabilities[label] == pytest.approx(probability, rel=1e-5)


@pytest.mark.slow
def test_a_tagger_looks_tokens_up_in_small_letters_and_reads_their_characters_as_they_are(
    folder, tmp_path
):
    data, run = folder / "tags.conll", tmp_path / "run"
    data.write_text(data.read_text().replace("word", "WoRD"))
    options = ["--epochs", "1", "--lowercase"]
    assert train("tag", data, tmp_path / "without", *options, "--no-characters") == 0
    without = kerasrnn.load(tmp_path / "without")
    assert "word1" in without.words.vocabulary.tokens
    one, other = without.tag([["THE", "WoRD1"], ["the", "word1"]])
    assert one.log_prob == other.log_prob and one.tokens == ["THE", "WoRD1"]
    assert train("tag", data, run, *options) == 0
    assert "W" in kerasrnn.load(run).characters.vocabulary.tokens


@pytest.mark.slow
@pytest.mark.parametrize(
    "task, data, options",
    [("tag", "tags.conll", [*VARIED, *BALANCED]), ("translate", "texts.tsv", VARIED)]
    + [("language-model", "texts.csv", ["--word-dropout", "0.2", "--context", "sentence"])],
)
def test_other_tasks(folder, tmp_path, task, data, options):
    (folder / "texts.csv").write_text("text\n" + "so it is\n" * 40)
    assert train(task, folder / data, tmp_path / "run", "--epochs", "1", *options) == 0


@pytest.mark.slow
def test_a_resumed_run_drops_the_same_words(folder, tmp_path):
    data, options = folder / "texts.tsv", [*VARIED, *BALANCED]
    assert train("classify", data, tmp_path / "whole", "--epochs", "2", *options) == 0
    assert train("classify", data, tmp_path / "parts", "--epochs", "1", *options) == 0
    assert train("classify", data, tmp_path / "parts", "--epochs", "2", "--resume", *options) == 0
    weights = [kerasrnn.load(tmp_path / name).model.get_weights() for name in ("whole", "parts")]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "task, options, message",
    [
        ("classify", ["--word-dropout", "1"], "`word_dropout` to be a number from 0 to below 1"),
        (
            "classify",
            ["--label-smoothing", "-0.1"],
            "`label_smoothing` to be a number from 0",
        ),
        ("classify", ["--class-weights", "seldom=2"], "of labels among often, rare"),
        ("tag", ["--output-layer", "crf", *BALANCED], "no `class_weights` with output_layer='crf'"),
        ("tag", ["--output-layer", "crf", "--label-smoothing", "0.1"], "no `label_smoothing`"),
    ],
)
def test_wrong_options_write_nothing(folder, tmp_path, capsys, task, options, message):
    data = folder / {"classify": "texts.tsv", "tag": "tags.conll"}[task]
    assert train(task, data, tmp_path / "run", *options) == 2
    assert message in capsys.readouterr().err and not (tmp_path / "run").exists()
