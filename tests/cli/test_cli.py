"""The command line: the whole way once, and one sentence for each wrong word."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

import kerasrnn
from kerasrnn.cli import main

OPTIONS = "--units 7 --embedding 5 --batch-size 11 --learning-rate 0.01".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli")
    lines = [f"{'ab'[i % 2] * (i % 5 + 1)}\t{i % 5}{i % 2}\n" for i in range(97)]
    (path / "pairs.tsv").write_text("".join(lines))
    (path / "options.yaml").write_text(f"data: {path / 'pairs.tsv'}\nunits: 3\ncell: lstm\n")
    return path


def command(*words, **options):
    return subprocess.run(
        [sys.executable, "-m", "kerasrnn", *map(str, words)],
        capture_output=True,
        text=True,
        **options,
    )


@pytest.fixture(scope="module")
def run(folder):
    config = ("--config", folder / "options.yaml")
    result = command(
        *("train", "translate", *config, "--output", folder / "run", *OPTIONS, "--epochs", 2),
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "1"},
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "val_perplexity" in result.stdout and str(folder / "run") in result.stdout
    assert "test: exact_match" in result.stdout
    return folder / "run"


def test_command_line_wins_over_the_file(run):
    settings = json.loads((run / "config.json").read_text())["settings"]
    assert (settings["units"], settings["cell"], settings["epochs"]) == (7, "lstm", 2)


def test_predict_a_line_in_a_line_out(run, tmp_path, capsys):
    lines = "ab\n\nbbb\r\nא 😀\n"
    (tmp_path / "lines.txt").write_text(lines, newline="")
    expected = kerasrnn.load(run).predict(["ab", "", "bbb", "א 😀"])
    result = command("predict", run, "-", input=lines)
    assert result.returncode == 0 and result.stderr == ""
    assert result.stdout.splitlines() == expected
    assert main(["predict", str(run), str(tmp_path / "lines.txt")]) == 0
    assert capsys.readouterr().out.splitlines() == expected


def test_evaluate_ends_with_one_json_object(run, folder, capsys):
    assert main(["evaluate", str(run)]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    metrics = json.loads((run / "metrics.json").read_text())["test"]
    assert {name: result[name] for name in metrics} == pytest.approx(metrics)
    assert (result["split"], result["examples"]) == ("test", 4)
    assert main(["evaluate", str(run), "--split", "train"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["examples"] == 89


@pytest.mark.slow
def test_export_shows_answers_of_another_process(run, tmp_path, capsys):
    assert main(["export", str(run), str(tmp_path / "model")]) == 0
    out = capsys.readouterr().out
    version = str(tmp_path / "model" / "1")
    assert version in out
    noted = json.loads((run / "exports.json").read_text())["exports"]
    assert noted[-1]["folder"] == version
    examples = json.loads((run / "metrics.json").read_text())["examples"]
    answers = kerasrnn.load(run).predict(list(examples))
    assert all(f"{s} -> {a}" in out for s, a in zip(examples, answers, strict=True))


WRONG = {
    "no command": (["tran"], 'Unknown command "tran".*train'),
    "no task": (["train", "translte"], "translate"),
    "missing": (["train", "translate", "--data", "dates"], "--output"),
    "unknown option": (["train", "translate", "--unitz", "3"], "Did you mean --units"),
    "unknown cell": (["train", "translate", "--cell", "lstmm"], '"simple_rnn", "lstm", "gru"'),
    "no number": (["train", "translate", "--units", "many"], '"many" into int'),
    "no units": (["train", "translate", "--units", "0"], "at least 1. Received: 0"),
    "unknown data": (["train", "translate", "--data", "datez"], "embedded ones .dates."),
    "no run": (["predict", "nowhere"], "Expected a folder with a config.json"),
    "no run to evaluate": (["evaluate", "nowhere"], "config.json"),
    "no run to export": (["export", "nowhere", "model"], "config.json"),
    "no options file": (["train", "translate", "--config", "x.yaml"], "YAML file.*x.yaml"),
}


@pytest.mark.parametrize("words, message", WRONG.values(), ids=WRONG)
def test_wrong_words_get_one_sentence(words, message, folder, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    if words[:2] == ["train", "translate"] and "--data" not in words:
        words = [*words, "--data", str(folder / "pairs.tsv")]
    if words[:2] == ["train", "translate"] and words[2:] != ["--data", "dates"]:
        words = [*words, "--output", "run"]
    assert main(words) == 2
    error = capfd.readouterr().err
    assert error.startswith("kerasrnn: error: ") and error.count("\n") == 1
    assert re.search(message, error)
    assert os.listdir(tmp_path) == []


def test_existing_folder_and_file_that_cannot_be_a_folder(run, folder, capsys):
    words = ["train", "translate", "--data", str(folder / "pairs.tsv"), "--output"]
    assert main([*words, str(run)]) == 2
    assert "--resume continues a run" in capsys.readouterr().err
    assert main([*words, str(folder / "pairs.tsv" / "run")]) == 2
    assert "Expected an output folder that can be written" in capsys.readouterr().err


def test_a_file_that_is_not_there(run, capsys):
    assert main(["predict", str(run), "nowhere.txt"]) == 2
    assert "Expected a file. Received: 'nowhere.txt'" in capsys.readouterr().err


def test_bytes_that_are_no_utf8_name_their_line(run, tmp_path, capsys):
    (tmp_path / "bad.txt").write_bytes(b"good\nb\xffd\n")
    assert main(["predict", str(run), str(tmp_path / "bad.txt")]) == 2
    assert "bad.txt, line 2: expected UTF-8" in capsys.readouterr().err


def test_a_bug_is_not_hidden_as_wrong_input(monkeypatch, run, capsys, tmp_path):
    def broken(self, inputs):
        raise ValueError("raised outside the package")

    monkeypatch.setattr(kerasrnn.Translator, "predict", broken)
    (tmp_path / "a.txt").write_text("4 mars 2021")
    assert main(["predict", str(run), str(tmp_path / "a.txt")]) == 1
    assert "ValueError: raised outside the package" in capsys.readouterr().err


def test_help_and_version_answer_without_tensorflow():
    for words in (["--help"], ["train", "translate", "--help"], ["--version"]):
        program = f"import sys, kerasrnn.cli; kerasrnn.cli.main({words}); print(*sys.modules)"
        result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert result.returncode == 0
        assert not {"tensorflow", "keras"} & set(result.stdout.splitlines()[-1].split())
    assert "--learning-rate" in command("train", "translate", "--help").stdout
    assert kerasrnn.__version__ in command("--version").stdout


def test_ctrl_c_in_training_leaves_a_loadable_epoch(folder, tmp_path):
    # So slow and so patient that it does not end by itself.
    patience = ["--learning-rate", 1e-6, "--min-improvement", 1]
    options = [*OPTIONS[:-2], *patience, "--epochs", 1000, "--data", folder / "pairs.tsv"]
    process = subprocess.Popen(
        [sys.executable, "-m", "kerasrnn", "train", "translate", "--output", tmp_path / "run"]
        + [str(option) for option in options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What starts the tests may ignore the signal, and a process inherits that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 600  # on a busy machine too
    while not (tmp_path / "run" / "model.keras").exists() and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=600)
    assert process.returncode == 130
    assert "Interrupted." in error and "Traceback" not in error
    assert kerasrnn.load(tmp_path / "run").predict(["ab"])
