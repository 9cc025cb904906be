"""`kerasrnn runs` and `kerasrnn info`: what they print, and that they load no Keras for it."""

import json
import re
import subprocess
import sys

import pytest

from kerasrnn import options
from kerasrnn.cli import main
from tests.old_runs.cases import unpack
from tests.tasks.made_runs import make_run

ROWS = [
    {"loss": 2.0 / (i + 1), "val_perplexity": 3.0 / (i + 1), "learning_rate": 0.01, "seconds": 61.0}
    for i in range(19)
]
CHOSEN = {"batch_size": 37, "epochs": 7}
ORIGIN = {
    "date": "2026-11-27T11:56:53Z",
    "digests": {"a.csv": "5eed" * 8},
    "chosen": list(CHOSEN),
}
WITHOUT_KERAS = """
import sys
sys.modules.update(dict.fromkeys(["keras", "tensorflow", "tensorflow_datasets", "numpy"]))
from kerasrnn.cli import main
sys.exit(main(sys.argv[1:]))
"""


def command(folder, *words):
    program = [sys.executable, "-c", WITHOUT_KERAS, *words]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    runs = tmp_path / "runs"
    for name, accuracy, settings in (
        ("plain", 0.8125, {}),
        ("wide", 0.84375, {"units": 257, "dropout": 0.4}),
        ("begun", None, {"cell": "lstm"}),
    ):
        test = None if accuracy is None else {"accuracy": accuracy, "macro_f1": 0.5}
        settings = options.Classify(data="a.csv", **settings, **CHOSEN).record()
        make_run(runs / name, "classify", test, ROWS[:7], ORIGIN, **settings)
    long = runs / "a_name_that_is_longer_than_there_is_room_for_in_the_table_of_runs"
    make_run(long, "translate", {"exact_match": 0.25, "bleu": 17.5}, ROWS, data="b.tsv")
    return tmp_path


def test_the_list_without_keras(folder):
    result = command(folder, "runs")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "classify on a.csv: * has the highest accuracy" in lines
    row = r"{}runs/{} +{} +0\.4286 +7 +7\.1 min +\d\S+ k?B +2026-11-27"
    for mark, name, accuracy in (("  ", "plain", "0.8125"), (r"\* ", "wide", "0.8438")):
        assert any(re.fullmatch(row.format(mark, name, accuracy), line) for line in lines), lines
    below = dict(zip(lines, lines[1:], strict=False))
    (wide,) = (line for line in lines if line.startswith("* "))
    assert below[wide] == "    cell=gru, units=257, dropout=0.4"
    (begun,) = (line for line in lines if line.startswith("  runs/begun"))
    assert below[begun].startswith("    unfinished; cell=lstm, units=")
    (long,) = (line for line in lines if "a_name_that" in line)
    assert re.match(r" +0\.25 +17\.5 +0\.1579 +19 ", below[long])


def test_the_list_as_json_lines(folder, capsys):
    assert main(["runs", "runs", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["best"] for each in found if each["task"] == "classify"] == [False, False, True]
    wide = found[-1]
    assert wide["run"] == "runs/wide" and wide["date"] == ORIGIN["date"]
    assert wide["differs"] == {"cell": "gru", "units": 257, "dropout": 0.4}
    assert wide["test"]["accuracy"] == 0.84375 and wide["epochs"] == 7
    assert wide["digests"] == ORIGIN["digests"] and wide["options"]["units"] == 257


def test_notes_and_errors(folder, capsys):
    (folder / "runs" / "plain" / "config.json").write_text("{")
    assert main(["runs"]) == 0
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and "plain/config.json: expected JSON" in said.err
    assert "runs/wide" in said.out and "runs/plain" not in said.out
    (folder / "empty").mkdir()
    assert main(["runs", "empty"]) == 2
    assert "Received: none in empty" in capsys.readouterr().err
    assert main(["info", "empty"]) == 2
    assert "Expected a folder with a config.json" in capsys.readouterr().err


def test_all_of_one_run_without_keras(folder):
    (folder / "runs" / "wide" / "state").mkdir()
    (folder / "runs" / "wide" / "state" / "epoch-0007.keras").write_text("1234567")
    result = command(folder, "info", "runs/wide")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[0] == "runs/wide: classify, finished after 7 epochs in 7.1 min"
    text = " ".join(result.stdout.split())
    assert "Not the defaults: units=257, dropout=0.4 Chosen by the data: batch_size=37, " in text
    assert "epochs=7 Other options: " in text
    assert f"a.csv {'5eed' * 8}" in text and "begun 2026-11-27T11:56:53Z" in text
    assert "1,234 parameters" in text and "resume possible" in text
    assert re.search(r"^\* 7 +0\.4286 +0\.01 +61\.0 s$", result.stdout, re.M)
    assert re.search(r"^accuracy +0\.8438$", result.stdout, re.M)
    assert re.search(r"^state/ +7 B$", result.stdout, re.M)


def test_a_long_training_in_short(folder, capsys):
    (run,) = (folder / "runs").glob("a_name*")
    metrics = json.loads((run / "metrics.json").read_text())
    (run / "metrics.json").write_text(json.dumps({**metrics, "epoch": 11}))
    assert main(["info", str(run)]) == 0
    out = capsys.readouterr().out
    shown = re.findall(r"^([* ]) (\d+|…)(?: |$)", out, re.M)
    assert [number for _, number in shown] == ("1 2 3 … 9 10 11 12 13 … 17 18 19".split())
    assert [number for mark, number in shown if mark == "*"] == ["11"]
    assert "the weights are those of epoch 11" in " ".join(out.split())


def test_one_run_as_json(folder, capsys):
    assert main(["info", "runs/wide", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["not_default"] == {"units": 257, "dropout": 0.4}
    assert found["chosen"] == list(CHOSEN)
    assert len(found["history"]) == 7 and found["exports"] == []
    files = {path.name: path.stat().st_size for path in (folder / "runs" / "wide").iterdir()}
    assert found["files"] == files and found["bytes"] == sum(files.values())


def test_old_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    unpack("translate_words", tmp_path)
    assert main(["runs", ".", "--json"]) == 0
    half, whole = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (half["state"], half["resumable"], half["epochs"]) == ("unfinished", True, 2)
    metrics = json.loads((tmp_path / "whole" / "metrics.json").read_text())
    assert (whole["state"], whole["resumable"], whole["epochs"]) == ("finished", False, 13)
    assert whole["test"] == metrics["test"] and whole["seconds"] == metrics["training_seconds"]
    assert whole["date"] is None and whole["digests"] == {} and whole["differs"] == {}
    assert main(["info", "half"]) == 0
    assert "unfinished after 2 epochs" in capsys.readouterr().out


def test_exports_are_noted_in_the_run(tmp_path, monkeypatch, capsys):
    from kerasrnn.tasks.run_files import note_export

    run = make_run(tmp_path / "run", "tag", data="a")
    note_export(run, tmp_path / "models" / "1", "2026-11-27T11:56:53Z")
    note_export(run, tmp_path / "models" / "2", "2026-11-28T11:56:53Z")
    assert main(["info", str(run)]) == 0
    out = capsys.readouterr().out
    assert re.search(
        r"^exported to\n.*/models/1 .*2026-11-27.*\n.*/models/2 .*2026-11-28", out, re.M
    )
    note_export(tmp_path / "nowhere", tmp_path, "")  # as of a run that cannot be written
