"""`predict` and `evaluate` in shards: put together, what one process does, to the byte."""

import gzip
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import pytest
import sacrebleu

from kerasrnn import (
    Classifier,
    LanguageModel,
    Tagger,
    Tokenizer,
    Translator,
    Vocabulary,
    encoder_decoder,
    language_model,
    many_to_many,
    many_to_one,
)
from kerasrnn.cli.main import main
from kerasrnn.cli.shards.shard_folder import ShardFolder
from kerasrnn.files import Shard

LETTERS, WORDS, LABELS = "abdfgilmo", ["a", "good", "bad", "film"], ["no", "so-so", "yes"]
SIZES = (1100, 300, 1200)  # three pieces of 1,024 rows, of which two are of two files


def text(i):
    return (LETTERS[i % 7] * (i % 5) + " " + LETTERS[i * i % 9] * (i % 11 + 1)).strip()


def sentence(i):
    return [WORDS[(i * k + k) % 4] for k in range(1, i % 6 + 2)]


def row(task, i):
    if task == "tag":
        tokens = sentence(i)
        return {
            "tokens": tokens,
            "tags": [["O", "B-X", "I-X"][(i + k) % 3] for k in range(len(tokens))],
        }
    if task == "translate":
        return {"source": text(i), "target": text(i + 1)}
    return {"text": text(i), "label": LABELS[i * i % 3]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Untrained tasks, their runs, and for each three files, of which two are gzipped."""
    folder = tmp_path_factory.mktemp("shards")
    tokenizer = Tokenizer(Vocabulary([*"abdfgilmo "]))
    size = len(tokenizer.vocabulary)
    words = Tokenizer(Vocabulary(WORDS), "whitespace")
    tasks = {
        "classify": Classifier(many_to_one(size, 3, units=5), tokenizer, LABELS),
        "translate": Translator(
            encoder_decoder(size, size, units=5), tokenizer, tokenizer, max_length=5
        ),
        "language-model": LanguageModel(language_model(size, units=5), tokenizer, max_length=5),
        "tag": Tagger(many_to_many(8, 3, units=5), words, ["O", "B-X", "I-X"]),
    }
    for name, task in tasks.items():
        task.save(folder / name)
        begin = 0
        for k, number in enumerate(SIZES):
            lines = "".join(json.dumps(row(name, begin + i)) + "\n" for i in range(number))
            content = lines.encode()
            path = folder / f"{name}-part-{k}.jsonl{'.gz' * (k > 0)}"
            path.write_bytes(gzip.compress(content) if k else content)
            begin += number
    return tasks, folder


@pytest.fixture
def here(made, tmp_path, monkeypatch):
    """Loads no run anew, and names the files of a task."""
    tasks, folder = made
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kerasrnn.tasks.load", lambda run: tasks[pathlib.Path(run).name])

    def words(command, task, *options):
        return [command, str(folder / task), str(folder / f"{task}-part-*"), *options]

    return words


def figures_of(capsys):
    """All that was printed, and what its last line says."""
    out = capsys.readouterr().out
    return out, json.loads(out.splitlines()[-1])


@pytest.mark.parametrize("task", ["classify", "tag", "translate", "language-model"])
def test_three_shards_predict_what_one_process_does(made, here, task, capsys):
    assert main(here("predict", task, "--output", "all.jsonl")) == 0
    for i in (3, 1, 2):
        assert main(here("predict", task, "--output", "out", "--shard", f"{i}/3")) == 0
    said = capsys.readouterr()
    assert not said.out
    assert said.err.count("All 3 shards are there: cat out/predictions-*.jsonl") == 1
    parts = sorted(pathlib.Path("out").glob("predictions-*"))
    assert [part.name for part in parts] == [
        f"predictions-0000{i}-of-00003.jsonl" for i in (1, 2, 3)
    ]
    content = b"".join(part.read_bytes() for part in parts)
    assert content == pathlib.Path("all.jsonl").read_bytes()
    records = list(map(json.loads, content.decode().splitlines()))
    name = {"tag": "tokens", "translate": "source"}.get(task, "text")
    assert [each[name] for each in records] == [row(task, i)[name] for i in range(sum(SIZES))]
    own = {"classify": "label", "tag": "labels", "translate": "text"}.get(task, "continuation")
    inputs = [row(task, i)[name] for i in range(1024)]
    assert [each[own] for each in records[:1024]] == made[0][task].predict(inputs)
    assert {each.name for each in pathlib.Path("out").iterdir()} == {
        *(p.name for p in parts),
        "shards.json",
    }


def by_hand(made, task):
    """Some figures from the answers of Python, without pieces."""
    rows = [row(task, i) for i in range(sum(SIZES))]
    if task == "classify":
        answers = made.predict([each["text"] for each in rows])
        right = sum(a == each["label"] for a, each in zip(answers, rows, strict=True))
        return {"accuracy": right / len(rows)}
    if task == "tag":
        answers = made.predict([each["tokens"] for each in rows])
        pairs = [(a, b) for found, each in zip(answers, rows, strict=True)
                 for a, b in zip(found, each["tags"], strict=True)]  # fmt: skip
        return {"accuracy": sum(a == b for a, b in pairs) / len(pairs)}
    if task == "translate":
        answers = made.predict([each["source"] for each in rows])
        targets = [[each["target"] for each in rows]]
        return {"bleu": sacrebleu.corpus_bleu(answers, targets).score}
    log_probs = made.token_log_probs([each["text"] for each in rows])
    return {"log_prob": sum(float(each.sum()) for each in log_probs)}


@pytest.mark.parametrize("task", ["classify", "tag", "translate", "language-model"])
def test_three_shards_evaluate_to_what_one_process_does(made, here, task, capsys):
    report = ["--report"] * (task in ("classify", "tag"))
    assert main(here("evaluate", task, *report)) == 0
    whole, figures = figures_of(capsys)
    assert figures["examples"] == sum(SIZES)
    for name, value in by_hand(made[0][task], task).items():
        assert figures[name] == pytest.approx(value, rel=1e-6)
    for i in (2, 3, 1):
        assert main(here("evaluate", task, "--output", "out", "--shard", f"{i}/3")) == 0
    assert "All 3 shards are there: kerasrnn evaluate" in capsys.readouterr().err
    run = here("evaluate", task)[1]
    assert main(["evaluate", run, "--merge", "out", *report]) == 0
    assert figures_of(capsys)[0] == whole


def test_a_file_that_is_there_is_not_done_again(here, capsys, monkeypatch):
    words = here("predict", "classify", "--output", "out", "--shard", "2/2")
    assert main(words) == 0
    path = pathlib.Path("out/predictions-00002-of-00002.jsonl")
    before = path.stat().st_mtime_ns, path.read_bytes()
    monkeypatch.setattr(
        Classifier, "file_inputs", lambda *_, **__: pytest.fail("it was read again")
    )
    capsys.readouterr()
    assert main(words) == 0
    assert "out/predictions-00002-of-00002.jsonl is there already" in capsys.readouterr().err
    assert before == (path.stat().st_mtime_ns, path.read_bytes())
    path.write_bytes(before[1][:-9])
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "as it was written" in said and "without it the shard is done again" in said
    assert path.read_bytes() == before[1][:-9]


def test_more_shards_than_pieces_have_no_rows(here):
    for i in range(1, 6):
        assert main(here("predict", "classify", "--output", "out", "--shard", f"{i}/5")) == 0
    assert main(here("predict", "classify", "--output", "all.jsonl")) == 0
    parts = sorted(pathlib.Path("out").glob("predictions-*"))
    assert len(parts) == 5 and sum(part.stat().st_size == 0 for part in parts) == 2
    content = b"".join(part.read_bytes() for part in parts)
    assert content == pathlib.Path("all.jsonl").read_bytes()


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_folder_of_another_job_is_refused(made, here, command, capsys):
    assert main(here(command, "classify", "--output", "out", "--shard", "1/2")) == 0
    before = {path.name: path.read_bytes() for path in pathlib.Path("out").iterdir()}
    other = str(made[1] / "other")
    if not os.path.exists(other):
        Classifier(many_to_one(14, 3, units=3), made[0]["classify"].tokenizer, LABELS).save(other)
    made[0]["other"] = made[0]["classify"]
    run, files = here(command, "classify")[1:3]
    one = files.replace("*", "0.jsonl")
    end = ["--output", "out", "--shard"]
    for words, message in (
        ([run, files, *end, "1/3"], "a folder of the same number of shards"),
        ([other, files, *end, "1/2"], "a folder of the same run"),
        ([run, one, *end, "2/2"], "a folder of the same data"),
        ([run, files, *end, "2/2", "--encoding", "latin-1"], "a folder of the same options"),
    ):
        assert main([command, *words]) == 2
        said = capsys.readouterr().err
        assert message in said and len(said.strip().splitlines()[-1]) < 300, said
    kind = "evaluate" if command == "predict" else "predict"
    assert main([kind, run, files, *end, "1/2"]) == 2
    assert "a folder of the same results" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in pathlib.Path("out").iterdir()} == before


WRONG = {
    "no shard": (["predict", "--output", "out", "--shard", "4/3"], "I/N for --shard"),
    "a shard from 0": (["evaluate", "--output", "out", "--shard", "0/3"], "Received: '0/3'"),
    "no folder": (["predict", "--shard", "1/3"], "Expected --output with a folder for --shard 1/3"),
    "no folder of counts": (["evaluate", "--shard", "1/3"], "Expected --output with a folder"),
    "a file as folder": (["predict", "--output", "mine.txt", "--shard", "1/3"], "mine.txt, a file"),
    "a full folder": (["predict", "--output", "mine", "--shard", "1/3"], "which holds mine.txt"),
    "best ones": (["predict", "--output", "out", "--shard", "1/3", "--nbest"], "--nbest or"),
    "no shard of counts": (["evaluate", "--output", "out"], "Expected --shard for --output"),
    "errors of a shard": (
        ["evaluate", "--output", "out", "--shard", "1/3", "--errors", "e.csv"],
        "Expected --shard or --errors. Received: both",
    ),
    "a report of a shard": (
        ["evaluate", "--output", "out", "--shard", "1/3", "--report"],
        "Expected --shard or --report. Received: both",
    ),
    "two kinds of data": (["evaluate", "--data", "mine.txt"], "Expected files or --data"),
    "data to merge": (["evaluate", "--merge", "mine"], "Received: files too"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_one_sentence_before_anything_is_read(name, here, capsys, monkeypatch):
    monkeypatch.setattr("kerasrnn.tasks.load", lambda run: pytest.fail("it was loaded"))
    pathlib.Path("mine").mkdir()
    for path in ("mine.txt", "mine/mine.txt"):
        pathlib.Path(path).write_text("of mine")
    (command, *options), message = WRONG[name]
    assert main(here(command, "classify", *options)) == 2
    said = capsys.readouterr()
    assert message in said.err and len(said.err.splitlines()) == 1 and not said.out
    assert sorted(map(str, pathlib.Path().rglob("*"))) == ["mine", "mine.txt", "mine/mine.txt"]
    assert pathlib.Path("mine.txt").read_text() == "of mine"


@pytest.mark.parametrize("command, others", [("predict", ["cat"]), ("evaluate", ["--merge"])])
def test_the_help_says_from_where_shards_are_counted(command, others, capsys):
    assert main([command, "--help"]) == 0
    said = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for part in ("--shard", "I/N, such as 3/16", "I from 1 to N", "pattern in quotes", *others):
        assert part in said


@pytest.mark.parametrize("files", [[], ["-"]])
def test_standard_input_has_no_shards(here, files, capsys):
    run = here("predict", "classify")[1]
    assert main(["predict", run, *files, "--output", "out", "--shard", "1/2"]) == 2
    assert "Expected files for --shard. Received: standard input" in capsys.readouterr().err


def test_a_bad_row_is_found_before_anything_is_written(here, capsys):
    pathlib.Path("bad.jsonl").write_text('{"text": "a"}\n{"text": \n')
    run = here("predict", "classify")[1]
    assert main(["predict", run, "bad.jsonl", "--output", "out", "--shard", "1/2"]) == 2
    assert "bad.jsonl, line 2" in capsys.readouterr().err
    assert [str(path) for path in pathlib.Path().iterdir()] == ["bad.jsonl"]


def test_a_merge_says_what_is_missing(made, here, capsys):
    run = here("evaluate", "classify")[1]
    assert main(["evaluate", run, "--merge", "out"]) == 2
    assert "Expected a folder of shards, with a shards.json" in capsys.readouterr().err
    assert main(here("evaluate", "classify", "--output", "out", "--shard", "2/4")) == 0
    capsys.readouterr()
    assert main(["evaluate", run, "--merge", "out"]) == 2
    assert "Expected all 4 shards. Received: none of 1/4, 3/4, 4/4" in capsys.readouterr().err
    assert main(["evaluate", str(made[1] / "tag"), "--merge", "out"]) == 2
    assert "of another run" in capsys.readouterr().err


def test_a_stream_is_refused(made, here, tmp_path, capsys):
    tokenizer = made[0]["language-model"].tokenizer
    model = language_model(len(tokenizer.vocabulary), units=5)
    made[0]["stream"] = LanguageModel(model, tokenizer, context="stream")
    made[0]["stream"].save(tmp_path / "stream")
    files = here("evaluate", "language-model")[2]
    words = ["evaluate", str(tmp_path / "stream"), files, "--output", "out", "--shard", "1/2"]
    assert main(words) == 2
    assert "Expected the context 'sentence' for shards" in capsys.readouterr().err
    assert not os.path.exists("out")


def test_rows_held_out_of_the_training(made, here, tmp_path, capsys):
    """Without files what one process scores: the test split of the data of the training."""
    data = tmp_path / "train.jsonl"
    data.write_text("".join(json.dumps(row("classify", i)) + "\n" for i in range(25_000)))
    old, tokenizer = made[0]["classify"], made[0]["classify"].tokenizer
    settings = {"data": str(data), "data_dir": None, "features": None}
    made[0]["own"] = Classifier(old.model, tokenizer, LABELS, settings=settings)
    made[0]["own"].save(tmp_path / "own")
    assert main(["evaluate", "own"]) == 0
    whole, figures = figures_of(capsys)
    assert (figures["examples"], figures["split"]) == (1250, "test")
    for i in (1, 2):
        assert main(["evaluate", "own", "--output", "out", "--shard", f"{i}/2"]) == 0
    capsys.readouterr()
    assert main(["evaluate", "own", "--merge", "out"]) == 0
    assert figures_of(capsys)[0] == whole
    both = ["evaluate", "own", "train.jsonl", here("evaluate", "classify")[2]]
    assert main(both) == 2
    assert "Expected files of which all rows are scored" in capsys.readouterr().err


def test_only_one_of_two_processes_does_a_shard(tmp_path, capsys):
    folder, shard = ShardFolder(tmp_path / "out", "predictions"), Shard(1, 2)
    folder.begin({"of": 2}, lambda: [3])
    begun, go_on = threading.Event(), threading.Event()

    def slowly():
        for i in range(3):
            begun.set()
            go_on.wait(30)
            yield {"number": i}

    def never():
        pytest.fail("it was done twice")
        yield {}

    first = threading.Thread(target=folder.write, args=(shard, 3, slowly()))
    first.start()
    assert begun.wait(30)
    second = threading.Thread(target=folder.write, args=(shard, 3, never()))
    second.start()
    time.sleep(0.3)
    assert second.is_alive() and not folder.path(shard).exists()
    go_on.set()
    first.join(30)
    second.join(30)
    assert [each["number"] for each in folder.records(shard, 3)] == [0, 1, 2]
    assert "waiting for it" in capsys.readouterr().err
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "shards.json",
        folder.path(shard).name,
    }


def test_rows_that_change_meanwhile_leave_nothing(tmp_path):
    folder, shard = ShardFolder(tmp_path / "out", "predictions"), Shard(1, 1)
    folder.begin({"of": 1}, lambda: [3])
    with pytest.raises(ValueError, match="Expected 3 rows, as were counted. Received: 2"):
        folder.write(shard, 3, ({"number": i} for i in range(2)))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["shards.json"]


@pytest.mark.slow
def test_a_killed_shard_is_done_again(made, here, tmp_path):
    """Killed where it has begun to write: nothing but a hidden file is left, which then goes."""
    run = here("predict", "classify")[1]
    pathlib.Path("many.txt").write_text("".join(f"{text(i)}\n" for i in range(60_000)))
    words = ["predict", run, "many.txt", "--output", "out", "--shard", "1/2"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = subprocess.Popen([sys.executable, "-m", "kerasrnn", *words], env=environment)
    half = "out/.*-predictions-00001-of-00002.jsonl"
    try:
        end = time.monotonic() + 120
        while not any(path.stat().st_size for path in pathlib.Path().glob(half)):
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL
    left = [path.name for path in pathlib.Path("out").iterdir() if not path.name.startswith(".")]
    assert left == ["shards.json"] and list(pathlib.Path().glob(half))
    assert main(words) == 0
    assert main([*words[:-1], "2/2"]) == 0
    assert main(["predict", run, "many.txt", "--output", "all.jsonl"]) == 0
    parts = sorted(pathlib.Path("out").glob("[!.]*.jsonl"))
    content = b"".join(part.read_bytes() for part in parts)
    assert content == pathlib.Path("all.jsonl").read_bytes()
    assert len(list(pathlib.Path("out").iterdir())) == 3
