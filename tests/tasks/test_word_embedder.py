"""Word vectors from raw text: what they learn, their file, their export, a resumed training."""

import json

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import Tokenizer, Vocabulary, options
from kerasrnn.checks import UserError
from kerasrnn.cli.main import main
from kerasrnn.datasets import running_words
from kerasrnn.losses import NegativeSampling
from kerasrnn.models import many_to_one, word2vec
from kerasrnn.tasks import WordEmbedder
from kerasrnn.tasks.word_vectors.linear_decay import LinearDecay

GROUPS = [["red", "green", "blue"], ["one", "two", "three"]]
AROUND = [["paint", "colour", "wall"], ["count", "number", "sum"]]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """A file in which the words of a group have the same words around them."""
    rng, lines = np.random.default_rng(1), []
    for i in range(600):
        group = i % 2
        around = rng.choice(AROUND[group], 4)
        lines.append(" ".join([*around[:2], rng.choice(GROUPS[group]), *around[2:]]))
    lines[3] = "rare words here"
    path = tmp_path_factory.mktemp("text") / "groups.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def settings(text, **others):
    given = {"subsample": 0.0, "embedding": 11, "epochs": 7, "batch_size": 31, "window": 2}
    given |= {"learning_rate": 0.05, **others}
    return options.WordVectors(data=str(text), **given)


@pytest.fixture(scope="module")
def run(text, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "vectors"
    return folder, kerasrnn.train(settings(text), folder)


def parsed(path):
    """A file of word2vec's text format, read by hand."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    rows = {}
    for line in lines:
        word, *numbers = line.split(" ")
        rows[word] = np.array([float(each) for each in numbers], "float32")
    assert [len(rows), len(next(iter(rows.values())))] == [int(each) for each in first.split(" ")]
    return rows


def test_words_of_one_kind_are_near(run):
    _, task = run
    for group in GROUPS:
        for word in group:
            assert {each for each, _ in task.neighbors(word, 2)} == set(group) - {word}


@pytest.mark.parametrize("architecture", ["skip_gram", "cbow"])
def test_the_loss_falls_below_that_of_knowing_nothing(architecture, text, tmp_path):
    task = kerasrnn.train(settings(text, architecture=architecture, epochs=3), tmp_path / "run")
    figures = task.evaluate(["paint red wall colour", "one count two number", "count"])
    assert figures["pair_loss"] < 6 * np.log(2) - 0.3
    assert figures["examples"] == 3 and figures["tokens"] == 9


def test_the_file_has_the_vectors_of_all_words(run):
    folder, task = run
    rows = parsed(folder / "vectors.txt")
    assert set(rows) == {word for group in (*GROUPS, *AROUND) for word in group}
    answers = task.predict(list(rows))
    for word, answer in zip(rows, answers, strict=True):
        np.testing.assert_array_equal(answer, rows[word])
    mean = task.predict(["red ? one"])[0]
    np.testing.assert_allclose(mean, (rows["red"] + rows["one"]) / 2, rtol=1e-6)
    assert not task.predict(["unheard"])[0].any() and task.predict([]) == []
    np.testing.assert_array_equal(task.encode(["red"])[0], rows["red"])
    record = task.records(["red ? one"])[0]
    assert record["known"] == 2 and len(record["vector"]) == 11


def test_tabs_and_line_ends_of_texts_are_no_words_of_the_file(tmp_path, capsys):
    rows = "".join(f'"a\tb{i % 2}\nc"\n' for i in range(60))
    (tmp_path / "texts.csv").write_text("text\n" + rows)
    given = options.WordVectors(data=str(tmp_path / "texts.csv"), embedding=3, epochs=1)
    task = kerasrnn.train(given, tmp_path / "run")
    words = set(task.vectors.words)
    assert {"a", "c", "\uffed\t\uffed", "\uffed\n\uffed"} <= words
    written = set(parsed(tmp_path / "run" / "vectors.txt"))
    assert written == {word for word in words if not set(word) & set("\t\n")}
    assert "vectors.txt: without" in capsys.readouterr().out


def test_what_is_left_out_is_said(text, tmp_path, capsys):
    kerasrnn.train(settings(text, epochs=1), tmp_path / "run")
    said = " ".join(capsys.readouterr().out.split())
    assert "vocabulary: 12 words of level word; 3 of" in said
    assert "occur fewer than 5 times and are left out" in said


def test_figures_are_those_of_the_equation(run):
    _, task = run
    lines = ["paint red wall colour", "one count two unheard number", "count"]
    figures, rows = task.evaluate(lines), []
    words = running_words(tf.data.Dataset.from_tensor_slices(lines), task.tokenizer)
    inner, outer = task.model.get_weights()
    for x, _, _ in task.contexts(words).epoch(1000, [0]):
        for context, some in zip(x["context"], x["candidates"], strict=True):
            products = outer[some] @ inner[context[0]]
            right, *drawn = 1 / (1 + np.exp(-products.astype("float64")))
            rows.append(-np.log(right) - np.log(1 - np.array(drawn)).sum())
    assert figures["pairs"] == len(rows)
    assert figures["pair_loss"] == pytest.approx(np.mean(rows), rel=1e-5)
    assert figures["out_of_vocabulary"] == pytest.approx(1 / 10)


def test_a_resumed_run_ends_as_one_that_was_not_stopped(run, text, tmp_path, monkeypatch):
    whole, _ = run
    folder, original = tmp_path / "resumed", LinearDecay.on_epoch_end

    def stop(self, epoch, logs=None):
        original(self, epoch, logs)
        if epoch == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(LinearDecay, "on_epoch_end", stop)
    with pytest.raises(KeyboardInterrupt):
        kerasrnn.train(settings(text), folder)
    monkeypatch.setattr(LinearDecay, "on_epoch_end", original)
    kerasrnn.train(settings(text), folder, resume=True)
    assert (folder / "vectors.txt").read_bytes() == (whole / "vectors.txt").read_bytes()
    with pytest.raises(UserError, match="window=2, now 3"):
        kerasrnn.train(settings(text, window=3), folder, resume=True)


def test_the_rate_falls_in_a_straight_line(run):
    folder, _ = run
    rows = (folder / "history.csv").read_text().splitlines()
    place = rows[0].split(",").index("learning_rate")
    rates = [float(row.split(",")[place]) for row in rows[1:]]
    np.testing.assert_allclose(rates[:-1], 0.05 * (1 - np.arange(1, 7) / 7), rtol=1e-6)
    assert rates[-1] == pytest.approx(5e-6)


def test_the_export_answers_as_python_does(run, tmp_path):
    folder, task = run
    loaded = kerasrnn.load(folder)
    version = loaded.export(tmp_path / "model")
    served = tf.saved_model.load(str(version)).signatures
    words = ["red", "three", "unheard", "red green", ""]
    answer = served["serving_default"](text=tf.constant(words))
    np.testing.assert_allclose(answer["vector"], np.stack(task.predict(words)), rtol=1e-6)
    assert answer["known"].numpy().tolist() == [1, 1, 0, 2, 0]
    near = served["neighbors"](text=tf.constant(words))
    for i, word in enumerate(words[:2]):
        expected = task.neighbors(word, 10)
        found = [each.decode() for each in near["words"][i].numpy()]
        assert found == [each for each, _ in expected]
        similarities = [each for _, each in expected]
        np.testing.assert_allclose(near["similarities"][i], similarities, atol=1e-5)
    assert not any(near["words"].numpy()[2]) and not near["similarities"].numpy()[4].any()
    assert b"red" not in near["words"].numpy()[3] and b"green" not in near["words"].numpy()[3]


def test_a_task_of_another_vocabulary_is_refused():
    tokenizer = Tokenizer(Vocabulary(["a", "b", "c"]), "word")
    with pytest.raises(UserError, match="vocabulary of 6 ids"):
        WordEmbedder(word2vec(6, embedding=5), tokenizer)


def test_neighbors_on_the_command_line(run, capsys):
    folder, task = run
    for source in (folder, folder / "vectors.txt"):
        assert main(["neighbors", str(source), "red", "--number", "2"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[1] for line in lines] == [word for word, _ in task.neighbors("red", 2)]
    words = [str(folder), "red", "-", "green", "+", "blue", "one", "--number", "1", "--json"]
    assert main(["neighbors", *words]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["words"] for each in answers] == ["red - green + blue", "one"]
    unit = {word: row / np.linalg.norm(row) for word, row in parsed(folder / "vectors.txt").items()}
    target = unit["red"] - unit["green"] + unit["blue"]
    others = set(unit) - {"red", "green", "blue"}
    best = max(others, key=lambda word: unit[word] @ target)
    assert answers[0]["neighbors"][0]["word"] == best


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ret"], "'ret'; spelled alike: red"),
        ([], "Expected a word"),
        (["red", "-"], "Expected - between two words"),
        (["+", "red"], "Expected + between two words"),
        (["red", "-", "+", "blue"], "between two words"),
    ],
)
def test_bad_words_are_one_sentence(words, said, run, capsys):
    assert main(["neighbors", str(run[0]), *words]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("kerasrnn: error") == 1


def test_neighbors_of_another_task(tmp_path, capsys):
    tokenizer = Tokenizer(Vocabulary(["good", "bad", "fine"]), "word")
    model = many_to_one(7, 2, units=3, embedding=5)
    kerasrnn.Classifier(model, tokenizer, ["no", "yes"]).save(tmp_path / "run")
    assert main(["neighbors", str(tmp_path / "run"), "good"]) == 0
    assert {line.split()[1] for line in capsys.readouterr().out.splitlines()} == {"bad", "fine"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"window": 0}, "window"),
        ({"min_count": 1000}, "at least 2 words that occur 1000 times"),
        ({"level": "character"}, "word, whitespace or subword"),
        ({"schedule": "mikolov"}, "Expected an option of the task word-vectors"),
    ],
)
def test_bad_options_are_one_sentence(wrong, said, text, tmp_path):
    with pytest.raises(UserError, match=said):
        kerasrnn.train(settings(text, **wrong), tmp_path / "run")
    assert not (tmp_path / "run").exists() or not any((tmp_path / "run").iterdir())


def test_several_devices_are_refused(text, tmp_path):
    with pytest.raises(UserError, match="one device"):
        kerasrnn.train(settings(text), tmp_path / "run", accumulate=2)


def test_a_dry_run_writes_nothing(text, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "word-vectors", "--data", str(text), "--output", "run", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "An epoch:" in said and "candidates" in said and "out-of-vocabulary" not in said
    assert not list(tmp_path.iterdir())


def test_a_small_vocabulary_has_small_batches(text, tmp_path):
    given = settings(text, batch_size=None, learning_rate=None, epochs=3)
    task = kerasrnn.train(given, tmp_path / "run")
    assert task.options.learning_rate == 0.025 and 10 < task.options.batch_size < 1000
    assert np.isfinite(task.vectors.vectors).all()
    assert task.evaluate([" ".join(["red wall paint", "one two sum"]) * 30])["pair_loss"] < 5


def test_loss_is_serialized():
    assert NegativeSampling.from_config(NegativeSampling().get_config()).reduction == "sum"
