"""`kerasrnn predict` over files: as many answers as rows, the same ones as in Python."""

import csv
import gzip
import io
import json
import pathlib

import numpy as np
import pytest

from kerasrnn import (
    Classifier,
    ImageClassifier,
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
from kerasrnn.datasets.readers.image_decoding import encode_png

# A header that looks like text, a cell with line ends, a quote, blanks, white space of other kinds.
TEXTS = ["good film", "bad,\n very bad", 'a "film"', "", "10\xa0000 films", "x\u2028y", "good"]
LINES = [text.replace("\n", " ") for text in TEXTS]
SENTENCES = [["a", "good", "film"], ["10\xa0000"], ["bad", "film", "bad", "film", "bad"]]


@pytest.fixture(scope="module")
def made():
    """Untrained tasks by name."""
    tokenizer = Tokenizer(Vocabulary([*"abdfgilmo "]))
    size = len(tokenizer.vocabulary)
    words = Tokenizer(Vocabulary(["a", "good", "bad", "film"]), "whitespace")
    return {
        "classify": Classifier(many_to_one(size, 3, units=5), tokenizer, ["no", "so-so", "yes"]),
        "translate": Translator(
            encoder_decoder(size, size, units=5), tokenizer, tokenizer, max_length=7
        ),
        "language-model": LanguageModel(language_model(size, units=5), tokenizer, max_length=7),
        "tag": Tagger(many_to_many(8, 3, units=5), words, ["O", "B-X", "I-X"]),
        "images": ImageClassifier(many_to_one((3,), 2, units=5), ["dark", "light"], (5, 3, 1)),
    }


@pytest.fixture
def tasks(made, monkeypatch, tmp_path_factory):
    """The tasks, and a folder in which the command finds them, without loading each anew."""
    folder = tmp_path_factory.mktemp("runs")
    for name in made:
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(json.dumps({"task": name}))
        (folder / name / "model.keras").write_text("{}")
    monkeypatch.setattr("kerasrnn.tasks.load", lambda run: made[pathlib.Path(run).name])
    return made, folder


def write(path, text, packed=False):
    content = text.encode("utf-8")
    path.write_bytes(gzip.compress(content) if packed else content)
    return str(path)


def as_csv(rows, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def as_jsonl(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def tables(role, other):
    """By name and content files of the same texts, with and without what is to be predicted."""
    found = {
        "both.csv": as_csv([(other, role), *(("yes", text) for text in TEXTS)]),
        "mark.csv": "\ufeff" + as_csv([(role,), *((text,) for text in TEXTS)]),
        "both.jsonl": as_jsonl([{role: text, other: "yes"} for text in TEXTS]),
        "one.jsonl": as_jsonl([{role: text} for text in TEXTS]),
        "both.tsv": "".join(f"{line}\tyes\n" for line in LINES),
        "lines.txt": "".join(f"{line}\n" for line in LINES),
        "windows.txt": "\ufeff" + "".join(f"{line}\r\n" for line in LINES),
        "LINES.TXT": "\n".join(LINES),
        "lines": "\n".join(LINES),
    }
    return [(name, content, LINES if name[0] in "lLw" or "tsv" in name else TEXTS)
            for name, content in found.items()]  # fmt: skip


def predictions(capsys, *words):
    assert main(["predict", *map(str, words)]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["classify", "translate", "language-model"])
def test_rows_in_are_answers_out(tasks, tmp_path, capsys, name, packed):
    made, folder = tasks
    roles = {"classify": ("text", "label"), "translate": ("source", "target")}
    for file, content, texts in tables(*roles.get(name, ("text", "label"))):
        path = write(tmp_path / file, content, packed)
        expected = [" ".join(answer.splitlines()) for answer in made[name].predict(texts)]
        assert predictions(capsys, folder / name, path) == expected, file


def test_guesses_are_said_on_standard_error(tasks, tmp_path, capsys):
    path = write(tmp_path / "a.csv", as_csv([("text", "x"), *((text, 1) for text in TEXTS)], ";"))
    assert main(["predict", str(tasks[1] / "classify"), path]) == 0
    out, said = capsys.readouterr()
    assert len(out.splitlines()) == len(TEXTS)
    assert said.count(f"{path}: ; between the columns, not commas") == 1


def test_the_source_of_files_whose_lines_belong_together(tasks, tmp_path, capsys):
    made, folder = tasks
    for packed in (False, True):
        source = write(tmp_path / "new.en", "\n".join(LINES), packed)
        target = write(tmp_path / "new.de", "\n" * len(LINES), packed)
        for file in (source, f"{source},{target}"):
            assert predictions(capsys, folder / "translate", file) == made["translate"].predict(
                LINES
            )


TAGGED = {
    "both.conll": "".join(
        "".join(f"{token} B-X\n" for token in tokens) + "\n" for tokens in SENTENCES
    ),
    "tokens.conll": "\n".join("".join(f"{token}\n" for token in tokens) for tokens in SENTENCES),
    "both.tsv": "\n".join("".join(f"{token}\tO\n" for token in tokens) for tokens in SENTENCES),
    "both.jsonl": as_jsonl([{"tokens": each, "tags": ["O"] * len(each)} for each in SENTENCES]),
    "tokens.jsonl": as_jsonl([{"tokens": each} for each in SENTENCES]),
    "lines.txt": "".join(" ".join(tokens) + "\n" for tokens in SENTENCES),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("file", TAGGED)
def test_sentences_in_are_answers_out(tasks, tmp_path, capsys, file, packed):
    made, folder = tasks
    path = write(tmp_path / file, TAGGED[file], packed)
    expected = [" ".join(labels) for labels in made["tag"].predict(SENTENCES)]
    assert predictions(capsys, folder / "tag", path) == expected


def test_images_of_a_table(tasks, tmp_path, capsys, rng):
    made, folder = tasks
    images = [rng.integers(0, 256, (5, 3, 1), "uint8") for _ in range(3)]
    (tmp_path / "pictures").mkdir()
    names = [f"pictures/{i}.png" for i in range(3)]
    for name, image in zip(names, images, strict=True):
        (tmp_path / name).write_bytes(encode_png(image))
    expected = made["images"].predict(images)
    rows = [("image", "label"), *((name, "dark") for name in names)]
    for file, content in {
        "both.csv": as_csv(rows),
        "one.csv": as_csv([row[:1] for row in rows]),
        "both.tsv": as_csv(rows[1:], "\t"),
        "paths.txt": "\n".join(names),
    }.items():
        path = write(tmp_path / file, content)
        assert predictions(capsys, folder / "images", path) == expected, file


def test_a_table_of_answers_has_all_that_python_knows(tasks, tmp_path, capsys):
    made, folder = tasks
    path = write(tmp_path / "new.csv", as_csv([("text",), *((text,) for text in TEXTS)]))
    found = made["classify"].classify(TEXTS)
    output = tmp_path / "answers.csv"
    words = ["predict", str(folder / "classify"), path, "--output", str(output)]
    assert main([*words, "--probabilities"]) == 0
    with open(output, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == TEXTS
    for row, each in zip(rows, found, strict=True):
        assert row["label"] == each.label
        assert float(row["probability"]) == pytest.approx(each.probability, rel=1e-5)
        of_all = {name: float(row[f"probability of {name}"]) for name in each.probabilities}
        assert of_all == pytest.approx(each.probabilities, rel=1e-5)
    assert capsys.readouterr().out == ""
    assert main(words) == 2 and "which is there" in capsys.readouterr().err
    assert main([*words[:-1], str(tmp_path / "answers.jsonl.gz")]) == 0
    with gzip.open(tmp_path / "answers.jsonl.gz", "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    assert [record["text"] for record in records] == TEXTS
    assert all(set(record) == {"text", "label", "probability"} for record in records)


def test_a_table_of_tags_has_a_row_for_each_token(tasks, tmp_path, capsys):
    made, folder = tasks
    path = write(tmp_path / "new.conll", TAGGED["tokens.conll"])
    run = str(folder / "tag")
    found = made["tag"].tag(SENTENCES)
    assert main(["predict", run, path, "--output", str(tmp_path / "a.csv")]) == 0
    with open(tmp_path / "a.csv", encoding="utf-8", newline="") as file:
        rows = [tuple(row.values())[:3] for row in csv.DictReader(file)]
    assert rows == [
        (str(n), token, label)
        for n, each in enumerate(found, start=1)
        for token, label in zip(each.tokens, each.labels, strict=True)
    ]
    output = tmp_path / "a.jsonl"
    assert main(["predict", run, path, "--output", str(output), "--probabilities"]) == 0
    records = list(map(json.loads, output.read_text(encoding="utf-8").splitlines()))
    assert [record["tokens"] for record in records] == SENTENCES
    for record, each in zip(records, found, strict=True):
        best = [max(row, key=row.get) for row in record["probabilities"]]
        assert best == record["labels"] == each.labels
        sums = [sum(row.values()) for row in record["probabilities"]]
        np.testing.assert_allclose(sums, 1, rtol=1e-5)


def test_texts_in_a_table(tasks, tmp_path):
    made, folder = tasks
    path = write(tmp_path / "new.txt", "good\nfilm\n")
    answers = made["translate"].translate(["good", "film"])
    output = tmp_path / "a.jsonl"
    assert main(["predict", str(folder / "translate"), path, "--output", str(output)]) == 0
    records = list(map(json.loads, output.read_text(encoding="utf-8").splitlines()))
    assert [(each["source"], each["text"]) for each in records] == [
        ("good", answers[0].text),
        ("film", answers[1].text),
    ]
    assert records[0]["log_prob"] == pytest.approx(answers[0].log_prob, rel=1e-5)


def test_standard_input_stays_lines(tasks, capsys, monkeypatch):
    made, folder = tasks
    expected = made["classify"].predict(["text,label", "good,yes"])
    content = b"text,label\ngood,yes\n"
    for each in (content, gzip.compress(content)):
        stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(each)))
        monkeypatch.setattr("sys.stdin", stream)
        assert predictions(capsys, folder / "classify") == expected


@pytest.mark.parametrize(
    "words, message",
    [
        (["nowhere.csv"], "Expected a file. Received: 'nowhere.csv', which is not there"),
        (["."], "Expected a file. Received: '.', a folder"),
        (["-", "--output", "a.txt"], "a .csv or a .jsonl file for --output. Received: 'a.txt'"),
        (["-", "--output", "nowhere/a.csv"], "Expected a folder for --output"),
        (["-", "--output", "a.csv", "--nbest"], "Expected --nbest or --output. Received: both"),
    ],
)
def test_what_is_wrong_is_said_before_the_run_is_loaded(
    words, message, capsys, monkeypatch, tmp_path
):
    monkeypatch.setattr("kerasrnn.tasks.load", lambda run: pytest.fail("it was loaded"))
    for file in ("config.json", "model.keras"):
        (tmp_path / file).write_text("{}")
    assert main(["predict", str(tmp_path), *words]) == 2
    assert message in capsys.readouterr().err


def test_an_image_is_an_input_by_itself(tasks, tmp_path, capsys):
    made, folder = tasks
    image = np.full((5, 3, 1), 200, "uint8")
    (tmp_path / "a.PNG").write_bytes(encode_png(image))
    assert predictions(capsys, folder / "images", tmp_path / "a.PNG") == made["images"].predict(
        [image]
    )


@pytest.mark.parametrize("task, number", [("classify", 2), ("tag", 2), ("translate", 3)])
def test_a_file_more_than_the_training_takes_is_refused(task, number, tasks, tmp_path, capsys):
    _, folder = tasks
    files = ",".join(write(tmp_path / f"{i}.txt", "good\n") for i in range(number))
    assert main(["predict", str(folder / task), files]) == 2
    said = capsys.readouterr()
    assert not said.out and "Expected a file. Received: " in said.err


def test_probabilities_of_all_texts_there_are_none(tasks, capsys):
    _, folder = tasks
    assert main(["predict", str(folder / "translate"), "--probabilities"]) == 2
    assert "a run that chooses among classes" in capsys.readouterr().err
