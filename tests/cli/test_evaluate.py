"""`kerasrnn evaluate`: which rows are scored, what is wrong, each class by itself."""

import csv
import gzip
import json

import pytest
import sklearn.metrics

from kerasrnn import (
    Classifier,
    Tagger,
    Tokenizer,
    Vocabulary,
    datasets,
    many_to_many,
    many_to_one,
)
from kerasrnn.cli.main import main
from kerasrnn.metrics import entity_report
from kerasrnn.options import Classify
from kerasrnn.tasks import scored_part

LABELS = ["no", "so-so", "yes"]


def rows(number, begin=0):
    letters = "abdfgilmo"
    return [
        (letters[i % 7] * (i % 5 + 1) + letters[i % 9], LABELS[i * i % 3 if i % 4 else 1])
        for i in range(begin, begin + number)
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A classifier that says that it was trained on `train.tsv`, of 40 rows."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "train.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in rows(40)))
    tokenizer = Tokenizer(Vocabulary([*"abdfgilmo "]))
    model = many_to_one(len(tokenizer.vocabulary), 3, units=5)
    settings = {"data": str(folder / "train.tsv"), "data_dir": None, "features": None}
    task = Classifier(model, tokenizer, LABELS, settings=settings)
    task.save(folder / "run")
    return task, folder


def evaluated(capsys, *words):
    assert main(["evaluate", *map(str, words)]) == 0
    *said, figures = capsys.readouterr().out.splitlines()
    return "\n".join(said), json.loads(figures)


def accuracy(task, pairs):
    answers = task.predict([text for text, _ in pairs])
    return sum(a == b for a, (_, b) in zip(answers, pairs, strict=True)) / len(pairs)


def test_a_file_that_is_named_is_scored_whole(run, tmp_path, capsys):
    task, folder = run
    pairs = rows(43, begin=100)
    path = tmp_path / "test.tsv"
    path.write_text("".join(f"{a}\t{b}\n" for a, b in pairs))
    said, figures = evaluated(capsys, folder / "run", "--data", path)
    assert f"all of {path}, 43 examples" in said
    assert (figures["examples"], figures["split"]) == (43, "all")
    assert figures["accuracy"] == pytest.approx(accuracy(task, pairs))
    said, figures = evaluated(capsys, folder / "run", "--data", path, "--split", "test")
    assert f"the test split of {path}, 2 examples" in said and figures["examples"] == 2


def test_of_the_file_of_the_training_what_was_held_out(run, capsys, monkeypatch):
    task, folder = run
    held_out = rows(40)[19::20]
    monkeypatch.chdir(folder)
    for words in ([], ["--data", "train.tsv"], ["--data", folder / "run" / ".." / "train.tsv"]):
        said, figures = evaluated(capsys, folder / "run", *words)
        assert "the test split of" in said and "2 examples" in said
        assert (figures["examples"], figures["split"]) == (2, "test")
        assert figures["accuracy"] == pytest.approx(accuracy(task, held_out))
    assert "on which the run was trained" in said
    _, figures = evaluated(capsys, folder / "run", "--split", "train")
    assert figures["examples"] == 36


def test_other_columns_and_encodings(run, tmp_path, capsys):
    task, folder = run
    pairs = rows(23)
    content = "body;stars\n" + "".join(f"{a}é;{b}\n" for a, b in pairs)
    (tmp_path / "test.csv").write_bytes(content.replace(";", ",").encode("latin-1"))
    words = ["--data", tmp_path / "test.csv", "--features", "text=body,label=stars"]
    _, figures = evaluated(capsys, folder / "run", *words, "--encoding", "latin-1")
    assert figures["accuracy"] == pytest.approx(accuracy(task, [(f"{a}é", b) for a, b in pairs]))


def test_what_is_wrong_the_surest_first(run, tmp_path, capsys):
    task, folder = run
    pairs = rows(43, begin=100)
    path = tmp_path / "test.tsv"
    path.write_text("".join(f"{a}\t{b}\n" for a, b in pairs))
    output = tmp_path / "errors.csv"
    said, figures = evaluated(capsys, folder / "run", "--data", path, "--errors", output)
    with open(output, encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    answers = task.classify([text for text, _ in pairs])
    wrong = {
        (text, label, each.label)
        for (text, label), each in zip(pairs, answers, strict=True)
        if each.label != label
    }
    assert {(row["input"], row["target"], row["answer"]) for row in found} == wrong
    assert len(found) == round((1 - figures["accuracy"]) * 43)
    probabilities = [float(row["probability"]) for row in found]
    assert probabilities == sorted(probabilities, reverse=True)
    assert f"{output} holds what is wrong: {len(found)}" in said
    assert main(["evaluate", str(folder / "run"), "--errors", str(output)]) == 2
    assert "which is there" in capsys.readouterr().err


def test_each_class_by_itself(run, tmp_path, capsys):
    task, folder = run
    pairs = rows(43, begin=100)
    path = tmp_path / "test.tsv"
    path.write_text("".join(f"{a}\t{b}\n" for a, b in pairs))
    said, figures = evaluated(capsys, folder / "run", "--data", path, "--report")
    true, answers = [label for _, label in pairs], task.predict([text for text, _ in pairs])
    expected = sklearn.metrics.classification_report(
        true, answers, labels=LABELS, output_dict=True, zero_division=0
    )
    for label in LABELS:
        scores = {name.replace("-score", ""): value for name, value in expected[label].items()}
        assert figures["report"][label] == pytest.approx(scores)
        assert any(line.startswith(label) for line in said.splitlines())


def test_each_type_of_entity_by_itself():
    import seqeval.metrics

    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-LOC", "I-LOC"], ["B-ORG", "O"]]
    answers = [["B-PER", "O", "O", "B-LOC"], ["B-PER", "B-LOC", "I-LOC"], ["O", "B-LOC"]]
    expected = seqeval.metrics.classification_report(
        gold, answers, output_dict=True, zero_division=0
    )
    found = entity_report(gold, answers)
    assert list(found) == ["LOC", "ORG", "PER"]
    for kind, scores in found.items():
        same = {name.replace("-score", ""): value for name, value in expected[kind].items()}
        assert scores == pytest.approx(same)


def test_wrong_tokens_and_their_places(tmp_path):
    words = Tokenizer(Vocabulary(["a", "b"]), "whitespace")
    task = Tagger(many_to_many(6, 2, units=5), words, ["X", "Y"])
    (tmp_path / "a.conll").write_text("a X\nb Y\n\nb X\na X\nb Y\n")
    examples = task.read(str(tmp_path / "a.conll"), None)
    tagged = task.tag([["a", "b"], ["b", "a", "b"]])
    targets = [["X", "Y"], ["X", "X", "Y"]]
    expected = {
        (n, step, token, target, label)
        for n, (each, labels) in enumerate(zip(tagged, targets, strict=True), start=1)
        for step, (token, target, label) in enumerate(
            zip(each.tokens, labels, each.labels, strict=True), start=1
        )
        if target != label
    }
    assert expected and {tuple(row.values())[:5] for row in task.mistakes(examples)} == expected


@pytest.mark.parametrize(
    "data, split, expected",
    [
        (None, None, ("dates", "test")),
        (None, "train", ("dates", "train")),
        ("dates", None, ("dates", "test")),
        ("other", None, ("other", "test")),
        ("folder", None, ("folder", "test")),
        ("a.en", None, ("a.en", None)),
        ("a.en,a.de", None, ("a.en,a.de", None)),
        ("a.en,a.de", "validation", ("a.en,a.de", "validation")),
    ],
)
def test_which_part_is_scored(tmp_path, monkeypatch, data, split, expected):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for name in ("a.en", "a.de"):
        (tmp_path / name).write_text("a\n")
    assert scored_part(Classify(data="dates"), data, split)[:2] == expected


def test_a_file_that_may_be_that_of_the_training_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    for name in ("train.tsv", "test.tsv"):
        (tmp_path / "elsewhere" / name).write_text("a\n")
    settings = Classify(data="data/train.tsv")
    _, split, said = scored_part(settings, "elsewhere/train.tsv", None)
    assert split is None and "if it is data/train.tsv, on which the run was trained" in said
    assert scored_part(settings, "elsewhere/test.tsv", None)[2] == "all of elsewhere/test.tsv"


def test_nobody_says_which_data():
    with pytest.raises(ValueError, match="Expected --data"):
        scored_part(Classify.recorded({}), None, None)


def test_an_answer_that_is_neither_right_nor_wrong(tmp_path, capsys):
    from kerasrnn import LanguageModel, language_model

    tokenizer = Tokenizer(Vocabulary("ab"))
    LanguageModel(language_model(6, units=5), tokenizer).save(tmp_path / "run")
    for option in (["--report"], ["--errors", str(tmp_path / "a.csv")]):
        assert main(["evaluate", str(tmp_path / "run"), "--data", "dates", *option]) == 2
        assert f"right or wrong for {option[0]}" in capsys.readouterr().err


PAIRS = rows(23, begin=50)


def files_of(first, second, pairs):
    """By name the same rows in every form."""
    table = [(first, second), *pairs]
    objects = [{first: a, second: b} for a, b in pairs]
    return {
        "a.csv": "".join(f'"{a}","{b}"\n' for a, b in table),
        "semicolons.csv": "\ufeff" + "".join(f"{a};{b}\r\n" for a, b in table),
        "a.jsonl": "".join(json.dumps(each) + "\n" for each in objects),
        "a.tsv": "".join(f"{a}\t{b}\n" for a, b in pairs),
        "header.tsv": "".join(f"{b}\t{a}\n" for a, b in table),
    }  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
def test_every_row_of_every_form_is_scored(run, tmp_path, packed):
    task, _ = run
    expected = accuracy(task, PAIRS)
    for name, content in files_of("text", "label", PAIRS).items():
        path = tmp_path / name
        path.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
        figures = task.evaluate(task.read(str(path), None))
        assert figures["examples"] == 23 and figures["accuracy"] == pytest.approx(expected), name


@pytest.mark.parametrize("packed", [False, True])
def test_every_pair_and_sentence_of_every_form_is_read(tmp_path, packed):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
        return str(path)

    for name, content in files_of("source", "target", PAIRS).items():
        found = list(datasets.text_pairs(write(name, content), None).as_numpy_iterator())
        assert [(a.decode(), b.decode()) for a, b in found] == PAIRS, name
    sides = [write(f"a.{i}", "".join(f"{row[i]}\n" for row in PAIRS)) for i in range(2)]
    found = list(datasets.text_pairs(",".join(sides), None).as_numpy_iterator())
    assert [(a.decode(), b.decode()) for a, b in found] == PAIRS
    tokens = "".join(f"{a} X\n{b} Y\n\n" for a, b in PAIRS)
    objects = [{"tokens": pair, "tags": ["X", "Y"]} for pair in PAIRS]
    for name, content in {
        "a.conll": tokens,
        "a.tsv": tokens.replace(" ", "\t"),
        "a.jsonl": "".join(json.dumps(each) + "\n" for each in objects),
    }.items():
        sentences = list(datasets.tagged_tokens(write(name, content), None).as_numpy_iterator())
        assert [tuple(t.decode() for t in each) for each, _ in sentences] == PAIRS, name
        assert all(tags.tolist() == [b"X", b"Y"] for _, tags in sentences)
    lines = "".join(f"{a}\n" for a, _ in PAIRS)
    texts = datasets.texts(write("a.txt", lines), None)
    assert [text.decode() for text in texts.as_numpy_iterator()] == [a for a, _ in PAIRS]
