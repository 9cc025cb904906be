"""What the commands say of data: the list of it, named columns, and what cannot be used."""

import json
import pathlib
import re
import socket

import pytest

from kerasrnn.cli.main import main

REAL = pathlib.Path(__file__).parents[3] / "shared" / "tfds"
OPTIONS = ["--units", "3", "--embedding", "2", "--epochs", "1"]


def reviews(path, last="1"):
    rows = [f'{i},"good, {i}",{i % 2}\n' for i in range(40)]
    rows[38] = f"38,fine,{last}\n"
    path.write_text("".join(["id,review,stars\n", *rows]))
    return str(path)


@pytest.mark.slow
def test_columns_are_named_for_training_and_evaluation(tmp_path, capsys):
    data, run = reviews(tmp_path / "reviews.csv"), str(tmp_path / "run")
    words = ["train", "classify", "--data", data, "--features", "text=review,label=stars"]
    assert main([*words, "--output", run, *OPTIONS]) == 0
    assert re.search(
        r"test: accuracy [\d.]+, macro_f1 [\d.]+, examples 2\n", capsys.readouterr().out
    )
    assert (tmp_path / "run" / "confusion.png").read_bytes()[:4] == b"\x89PNG"
    assert main(["evaluate", run, "--split", "train"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["examples"] == 36


@pytest.mark.parametrize(
    "features, last, message",
    [
        ("text=review,label=stars", "11", "labels of the validation split .* 0, 1. Received: '11'"),
        ("text=review,label=star", "1", "reviews.csv, line 1: expected a header with .* star "),
        ("tokens=review", "1", "Received: 'tokens'"),
    ],
)
def test_wrong_data_leaves_nothing(features, last, message, tmp_path, capsys):
    data, run = reviews(tmp_path / "reviews.csv", last), tmp_path / "run"
    words = ["train", "classify", "--data", data, "--features", features, "--output", str(run)]
    assert main([*words, *OPTIONS]) == 2
    error = capsys.readouterr().err
    assert error.startswith("kerasrnn: error: ") and error.count("\n") == 1
    assert re.search(message, error)
    assert not run.exists()


def test_no_network_is_one_sentence(monkeypatch, tmp_path, capsys):
    def fail(*_):
        raise socket.gaierror("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr("urllib.request.getproxies", dict)
    words = ["train", "tag", "--data", "conll2003", "--data-dir", str(tmp_path / "sets")]
    assert main([*words, "--output", str(tmp_path / "run")]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "'conll2003' is not prepared in" in error and "--data-dir" in error
    assert not list(tmp_path.iterdir())


def test_list_of_data_sets(tmp_path, capsys):
    assert main(["datasets", "--data-dir", str(tmp_path)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["name", "task", "size", "examples"]
    assert ["dates", "translate", "-"] in [line[:3] for line in lines] and len(lines) == 10
    assert not list(tmp_path.iterdir())
    assert main(["datasets", "--data-dir", str(tmp_path / "nowhere")]) == 2
    assert "Expected a folder of data sets" in capsys.readouterr().err


@pytest.mark.skipif(not REAL.is_dir(), reason="the real data sets are not on this machine")
def test_list_of_real_data_sets(capsys):
    assert main(["datasets", "--data-dir", str(REAL)]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert {"imdb_reviews/plain_text", "mnist", "wikiann/en", "glue/sst2"} < set(lines)
    assert "train 20,000" in lines["wikiann/en"] and "MB" in lines["wikiann/en"]
