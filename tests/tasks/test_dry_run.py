"""A dry run says what is true of the data, and writes nothing."""

import os
import re
import types

import numpy as np
import pytest

from kerasrnn.cli.main import main
from kerasrnn.datasets.readers.image_decoding import encode_png
from kerasrnn.tasks import dry_run as module
from kerasrnn.tasks.advice.batch_counts import BatchCounts, count_batches

OPTIONS = ["--units", "3", "--dry-run"]
BIG = ["--batch-size", "128"]
WORDS = ["one", "two", "three", "four", "five"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A file for each task, of 100 rows: 90 train, the 19th, 39th … validate."""
    path = tmp_path_factory.mktemp("data")
    pairs = [f"{'ab'[i % 2] * (i % 5 + 1)}\t{i % 5}\n" for i in range(100)]
    pairs[18], pairs[38] = "aqq\t7\n", "z\t1\n"
    (path / "pairs.tsv").write_text("".join(pairs))
    texts = [" ".join(WORDS[i % 5 : i % 5 + 1 + i % 3]) for i in range(100)]
    texts[98] += " six"
    (path / "texts.txt").write_text("\n".join(texts))
    rows = [f"{text}\t{'no yes'.split()[i % 2]}\n" for i, text in enumerate(texts)]
    (path / "texts.tsv").write_text("".join(rows))
    sentences = ["".join(f"{word}\t{word[0]}\n" for word in text.split()) for text in texts[:98]]
    sentences += ["one\to\n", "one\to\n"]
    (path / "tags.conll").write_text("\n".join(sentences))
    numbers = [f"{i},{np.sin(i)}\n" for i in range(200)]
    (path / "numbers.csv").write_text("".join(["x,y\n", *numbers]))
    for i in range(2):
        (path / f"{i}.png").write_bytes(encode_png(np.full((8, 9, 1), i * 200, "uint8")))
    (path / "images.tsv").write_text("".join(f"{i % 2}.png\t{WORDS[i % 2]}\n" for i in range(100)))
    return path


@pytest.fixture
def eager(eager_training, monkeypatch):
    monkeypatch.setattr(module, "TIMED", 2)


def said(folder, capsys, task, data, *options):
    before = sorted(os.listdir(folder))
    output = ["--output", str(folder / "run")]
    options = [option.format(folder=folder) for option in options]
    assert main(["train", task, "--data", str(folder / data), *output, *OPTIONS, *options]) == 0
    assert sorted(os.listdir(folder)) == before
    out = capsys.readouterr().out
    assert all(len(line) <= 80 for line in out.splitlines() if str(folder) not in line)
    return out


def test_figures_of_a_translation_by_hand(folder, capsys, monkeypatch):
    monkeypatch.setattr(module, "TIMED", 3)
    text = said(folder, capsys, "translate", "pairs.tsv", "--embedding", "5", *BIG)
    assert re.search(r"train +90 examples\n +validation +5 examples\n +test +5 examples", text)
    assert "An epoch: 1 batches of at most 128 examples" in text
    # The validation lines are aqq, z, and lines 58, 78 and 98 (from 0): four times b, so 13 + 3.
    lengths = [3, 1, *((i % 5) + 1 for i in (58, 78, 98))]
    unknown = f"{3 / sum(lengths):.2%} of {sum(lengths)} in"
    assert f"Vocabulary of source: 6 ids; out-of-vocabulary rate {unknown}" in text
    assert "Vocabulary of target: 9 ids; out-of-vocabulary rate 20.00% of 5 in" in text
    train = [i % 5 + 1 for i in range(100) if i % 20 < 18]
    waste = 1 - sum(train) / (5 * 90)
    assert (
        f"Padding in an epoch: {waste:.1%} of 450 steps of source, 0.0% of 180 steps"
        in " ".join(text.split())
    )
    (parameters,) = re.findall(r"Parameters: ([\d,]+)\n", text)
    # Embeddings, a GRU of 3 each way and one of 6 over vectors of 5; attention and output on top.
    encoder, decoder = 2 * 3 * (3 * (5 + 3) + 2 * 3), 3 * (6 * (5 + 6) + 2 * 6)
    least = 6 * 5 + 9 * 5 + encoder + decoder
    assert least < int(parameters.replace(",", "")) < 2 * least
    assert re.search(
        r"Time of an epoch here: about [\d.]+ seconds.*\(estimated from 3 ba",
        " ".join(text.split()),
    )
    assert text.count("<begin>") == text.count("<end>") == 5
    assert "  2  source  b  b\n" in text and "nothing was written" in text


@pytest.mark.parametrize(
    "task, data, options, expected",
    [
        (
            "classify",
            "texts.tsv",
            ["--cache", "{folder}/cache"],
            ["tokens: 9 ids", "2: no, yes", "label   no (0)"],
        ),
        (
            "tag",
            "tags.conll",
            [],
            ["Labels: 3: f, o, t", "Vocabulary of characters"],
        ),
        (
            "language-model",
            "texts.txt",
            ["--length", "5", "--batch-size", "7"],
            ["90 texts", "batches of at most 7 rows", "<begin>"],
        ),
        (
            "language-model",
            "texts.txt",
            ["--context", "sentence", "--output-layer", "adaptive"],
            ["90 texts", "five", "<end>"],
        ),
        (
            "forecast",
            "numbers.csv",
            ["--window", "7", "--horizon", "2", "--ema-epochs", "1.5"],
            ["train            160 rows", "past   7 × 2 float32", "label  2 × 1 float32"],
        ),
        pytest.param(
            *("caption", "images.tsv", ["--embedding", "5"]),
            ["8 × 9 × 1 float32", "target    <begin>"],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_every_task(task, data, options, expected, folder, capsys, eager):
    text = said(folder, capsys, task, data, *options)
    for each in expected:
        assert each in text, each
    assert re.search(r"\n  5  \w", text) and not re.search(r"\n  6  \w", text)
    assert "Time of an epoch here" in text and "Parameters" in text


@pytest.mark.slow
def test_films(prepared, tmp_path, capsys, eager):
    prepared("moving_digits")
    words = ["train", "frames", "--data", "moving_digits", "--output", str(tmp_path / "run")]
    assert main([*words, *OPTIONS]) == 0
    text = capsys.readouterr().out
    assert "3,000 films" in text and "Labels: 10: 0, 1, 2" in text and "1 float32 from 0" in text
    assert os.listdir(tmp_path) == []


def test_out_of_vocabulary_and_padding_count_neither_padding_nor_reserved_ids():
    batches = [
        ({"tokens": np.array([[2, 1, 4, 3], [1, 0, 0, 0]])}, None, np.ones((2, 4))),
        ({"tokens": np.array([[5, 5]])}, None, np.ones((1, 2))),
    ]
    names = {"tokens": "abc", "labels": "x"}
    assert count_batches(batches, names) == BatchCounts({"tokens": (2, 2 + 1 + 2)}, 3)
    steps = module._steps({"tokens": batches[0][0]["tokens"], "mask": np.ones((2, 3), bool)})
    assert steps == {"tokens": (5, 8), "mask": (6, 6)}


def test_the_estimate_weighs_batches_by_their_steps(monkeypatch):
    """Three batches to warm up, then 4 and 5 steps that take 8 and 10 seconds."""
    times = iter([100.0, 200.0, 300.0, 308.0, 318.0])
    clock = types.SimpleNamespace(perf_counter=lambda: next(times))
    monkeypatch.setattr(module, "time", clock)

    def fit(batches, steps_per_epoch, callbacks, **_):
        (watch,) = callbacks
        watch.set_model(model)
        while not model.stop_training:
            watch.on_train_batch_end(0)

    model = types.SimpleNamespace(fit=fit, stop_training=False)
    job = types.SimpleNamespace(callbacks=list)
    steps = [{"x": (1, size)} for size in (1, 2, 3, 4, 5, 6)]
    assert module._seconds(job, model, None, steps) == (2 * 21, 2)


def test_wrong_settings_and_data_are_refused_as_in_a_training(folder, capsys):
    words = ["train", "translate", "--output", str(folder / "run"), "--dry-run", "--data"]
    assert main([*words, str(folder / "pairs.tsv"), "--units", "0"]) == 2
    assert main([*words, str(folder / "nowhere.tsv")]) == 2
    assert "nowhere.tsv" in capsys.readouterr().err
