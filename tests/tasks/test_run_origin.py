"""When a run was begun, and of which data: recorded, and compared where it goes on."""

import dataclasses
import hashlib
import json
import pathlib
import re
import shutil

import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.checks import UserError
from kerasrnn.cli.main import main

SERIES = pathlib.Path(__file__).parents[1] / "fixtures" / "format_1" / "data" / "series.csv"


def config(folder):
    return json.loads((folder / "config.json").read_text())


@pytest.fixture
def run(tmp_path, monkeypatch, eager_training):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    shutil.copyfile(SERIES, tmp_path / "series.csv")
    case = options.Forecast(data=tmp_path / "series.csv", window=5, units=3, epochs=1)
    kerasrnn.train(case, tmp_path / "run")
    return tmp_path / "run"


def test_a_run_records_its_date_and_the_digest_of_its_data(run, tmp_path, capsys, monkeypatch):
    recorded, data = config(run), tmp_path / "series.csv"
    content = hashlib.blake2b(digest_size=16)
    content.update(json.dumps([".", data.stat().st_size]).encode() + data.read_bytes())
    assert recorded["date"] == "2001-09-09T01:46:40Z"
    assert recorded["digests"] == {str(data): content.hexdigest()}

    # What is saved elsewhere, or resumed, is what was trained then.
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    task = kerasrnn.load(run)
    task.save(tmp_path / "copy")
    assert config(tmp_path / "copy") == recorded
    kerasrnn.train(task.options, run, resume=True)
    assert config(run) == recorded

    # What is another file under the same name does not go on; a copy under another one is known.
    shutil.copyfile(data, tmp_path / "moved.csv")
    data.write_text(data.read_text().replace("2", "3"))
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    message = f"Expected the data that {run} was begun with. Received: {data}, whose contents"
    with pytest.raises(UserError, match=re.escape(message)):
        kerasrnn.train(dataclasses.replace(task.options, epochs=2), run, resume=True)
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    for words in ([], ["--split", "test"], ["--data", str(data)]):
        assert main(["evaluate", str(run), *words]) == 2
        assert message in capsys.readouterr().err
    assert main(["evaluate", str(run), "--data", str(tmp_path / "moved.csv")]) == 0
    *_, said, found = capsys.readouterr().out.splitlines()
    assert said.startswith(f"Scored: the test split of {tmp_path / 'moved.csv'}, on which")
    metrics = json.loads((run / "metrics.json").read_text())["test"]
    assert {name: json.loads(found)[name] for name in metrics} == pytest.approx(metrics)

    # A run that is older than the record says nothing of it.
    for name in ("date", "digests", "run", "seal"):
        del recorded[name]
    (run / "config.json").write_text(json.dumps(recorded))
    kerasrnn.train(dataclasses.replace(task.options, epochs=2), run, resume=True)
    kerasrnn.load(run).save(tmp_path / "older")
    older = config(tmp_path / "older")  # whose model is bound to it
    assert {**older, "run": None, "seal": None} == {**recorded, "run": None, "seal": None}


def test_a_task_of_ones_own_model_is_dated_when_it_is_saved(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86399")
    tokenizer = kerasrnn.Tokenizer(kerasrnn.Vocabulary("abc"))
    model = kerasrnn.many_to_one(len(tokenizer.vocabulary), 2, units=3)
    kerasrnn.Classifier(model, tokenizer, ["no", "yes"]).save(tmp_path / "task")
    saved = config(tmp_path / "task")
    assert saved["date"] == "1970-01-01T23:59:59Z" and "digests" not in saved
