"""What the machine cannot hold is refused before anything is read or made."""

import pytest

from kerasrnn import options
from kerasrnn.checks import UserError, check_memory, machine, memory_limit
from kerasrnn.cli.main import main
from kerasrnn.models import many_to_one
from kerasrnn.options.layer_memory import recurrent_bytes


def test_the_limit_is_that_of_the_container(tmp_path, monkeypatch):
    whole = memory_limit()
    monkeypatch.setattr(machine, "LIMITS", (tmp_path / "memory.max", tmp_path / "older"))
    for text, expected in (("max\n", whole), ("1048576\n", 2**20), (f"{2**80}\n", whole)):
        (tmp_path / "memory.max").write_text(text)
        assert memory_limit() == expected
    (tmp_path / "memory.max").write_text("1000000000\n")
    check_memory("it", 10**9, "a=1")
    with pytest.raises(UserError) as error:
        check_memory("it", 3 * 10**9, "a=1")
    assert str(error.value) == (
        "Expected it to fit the 1.0 GB of memory of this machine. Received: a=1, which takes at "
        "least 3.0 GB"
    )


@pytest.mark.parametrize(
    "cell", ["simple_rnn", "elman", "gru", "lstm", "min_gru", "min_lstm", "sru"]
)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("number", [1, 3])
def test_it_counts_the_matrices_of_the_layers(cell, bidirectional, number):
    """But for the one that reads the input."""
    sizes = {"cell": cell, "units": 7, "num_layers": number, "bidirectional": bidirectional}
    model = many_to_one((1,), 1, **sizes)
    layers = [each for each in model.weights if "rnn_" in each.path and "kernel" in each.path]
    assert layers
    matrices = sum(rows * columns for rows, columns in (each.shape for each in layers) if rows > 1)
    case = options.Forecast(data="a.csv", **sizes)
    if cell == "sru" and bidirectional:  # the fourth matrix, where sizes differ, is left out
        matrices = matrices * 3 // 4
    assert recurrent_bytes(case) == matrices * 4 * 4


def test_models_without_such_layers_and_without_slots():
    model = {"data": "a.txt", "units": 7}
    assert recurrent_bytes(options.LanguageModel(**model, model="fixed_window")) == 0
    adam, sgd = (options.LanguageModel(**model, optimizer=name) for name in ("adam", "sgd"))
    assert recurrent_bytes(adam) == 2 * recurrent_bytes(sgd) > 0


@pytest.mark.parametrize("task", ["classify", "tag", "translate", "language-model", "forecast"])
def test_a_model_that_is_too_large_is_refused_before_it_is_made(task, tmp_path, capsys):
    data = tmp_path / "data.tsv"
    data.write_text("no\tdata\n")
    words = ["train", task, "--data", str(data), "--output", str(tmp_path / "run")]
    assert main([*words, "--units", "16384", "--num-layers", "1000"]) == 2
    error = capsys.readouterr().err
    assert "Expected the recurrent layers to fit the" in error and error.count("\n") == 1
    assert "Received: units=16384, num_layers=1000, which takes at least" in error
    assert [path.name for path in tmp_path.iterdir()] == ["data.tsv"]


def test_a_batch_of_a_stream_is_refused_before_the_text_is_read(tmp_path, capsys):
    data = tmp_path / "text.txt"
    data.write_bytes(b"\xff")
    words = ["train", "language-model", "--data", str(data), "--output", str(tmp_path / "run")]
    assert main([*words, "--units", "256", "--batch-size", "100003", "--length", "10007"]) == 2
    error = capsys.readouterr().err
    assert "Expected the recurrent layers and a batch to fit the" in error
    assert "batch_size=100003, length=10007, which takes at least 4,099" in error  # 4 gates of 256
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]
