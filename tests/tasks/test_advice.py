"""What does not suit the data is said before a training, and by a dry run in the same words."""

import importlib.util
import math
import re

import numpy as np
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.tasks import dry_run as module
from kerasrnn.tasks import start
from kerasrnn.tasks.advice.advice import advice
from kerasrnn.tasks.advice.batch_counts import BatchCounts, count_batches
from kerasrnn.vocabulary import Vocabulary

ENOUGH = 100


def of_unknown(given, unknown, spoken=100, name="tokens"):
    return advice(given, BatchCounts({name: (unknown, spoken)}, ENOUGH))


@pytest.mark.parametrize(
    "given, said, unsaid",
    [
        (options.Classify(data="languages"), ["--level subword"], ["min-count"]),
        (options.Classify(data="languages", level="whitespace"), ["--level subword"], []),
        (options.LanguageModel(data="a.txt", level="word"), ["--level subword"], []),
        (
            options.Classify(data="languages", level="character"),
            ["--min-count 1"],
            ["subword", "vocabulary-size"],
        ),
        (
            options.Translate(data="dates", level="subword", min_count=3, max_vocabulary_size=99),
            ["--min-count 1", "--max-vocabulary-size"],
            ["--level"],
        ),
        (options.Translate(data="dates", level="character"), ["too small"], ["--"]),
        (
            options.Tag(data="a.conll", characters=False, lowercase=False),
            ["--characters", "--lowercase", "--min-count 1", "--vectors"],
            ["--level"],
        ),
        (
            options.Tag(data="a.conll", min_count=1, lowercase=True),
            ["--vectors"],
            ["--characters", "--lowercase", "--min-count"],
        ),
    ],
)
def test_a_vocabulary_that_misses_much_names_what_helps_the_task(given, said, unsaid):
    (text,) = of_unknown(given, 16)
    assert text.startswith("tokens: 16.0% of 100 ")
    for each in said:
        assert each in text
    for each in unsaid:
        assert each not in text


def test_fifteen_percent_suit_and_characters_of_a_tagger_do_not_count():
    assert of_unknown(options.Classify(data="languages"), 15) == []
    assert of_unknown(options.Classify(data="languages"), 0, 0) == []
    assert of_unknown(options.Tag(data="a.conll"), 99, name="characters") == []


@pytest.mark.parametrize("there", [True, False])
def test_what_subwords_need_is_said_where_it_is_not_installed(there, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: there or None)
    (text,) = of_unknown(options.Classify(data="languages"), 50)
    assert ('pip install "kerasrnn[subwords]"' in text) is not there


def test_classes_of_one_example_are_named_five_at_most():
    given, counts = options.Classify(data="languages"), BatchCounts({}, ENOUGH)
    assert advice(given, counts, {"a": 2, "b": 0}) == []
    (one,) = advice(given, counts, {"a": 2, "lone": 1})
    assert one.startswith("A class of one training example: lone.")
    (many,) = advice(given, counts, dict.fromkeys("abcdefg", 1))
    assert many.startswith("7 classes of one training example: a, b, c, d, e and 2 more.")


def test_how_well_an_accuracy_is_known_is_that_of_draws(tmp_path):
    """Two standard deviations of the mean of that many draws."""
    (tmp_path / "a.tsv").write_text("a\tb\n")
    single, rows = options.Classify(data=str(tmp_path / "a.tsv")), 38
    (text,) = advice(single, BatchCounts({}, rows))
    assert "Validation has 38 examples" in text and "--folds 5" in text
    (width,) = re.findall(r"± (0\.\d\d)", text)
    draws = np.random.default_rng(7).binomial(rows, 0.8, 200_000) / rows
    assert math.isclose(float(width), 2 * draws.std(), abs_tol=0.006)
    assert advice(single, BatchCounts({}, ENOUGH)) == []
    assert advice(single, BatchCounts({}, rows), rows=None) == []


def test_folds_are_named_where_they_can_be(tmp_path):
    (tmp_path / "train.tsv").write_text("a\tb\n")
    few = BatchCounts({}, 7)
    for given in (
        options.Classify(data=str(tmp_path)),
        options.Classify(data="languages"),
        options.Frames(data="moving_digits"),
    ):
        (text,) = advice(given, few)
        assert "--folds" not in text and "More validation data" in text
    fold = options.Classify(data=str(tmp_path / "train.tsv"), folds=5, fold=1)
    assert advice(fold, few) == []


def test_rows_that_fill_a_batch_up_are_not_counted():
    weights = np.array([[1.0, 0.0], [0.0, 0.0], [0.5, 0.5]])
    assert count_batches([({}, None, weights), ({}, None, weights[:, 0])], {}).rows == 2 + 2


def notes(text):
    joined = re.sub(r"\n  +(?=\S)", " ", text)
    return [line for line in joined.splitlines() if line.startswith("Note: ")]


@pytest.fixture
def texts(tmp_path):
    """Of 40 rows 36 train; the two of validation have words of their own."""
    rows = [f"some words\t{'no yes'.split()[i % 2]}\n" for i in range(40)]
    rows[0] = "some words\tlone\n"
    rows[18], rows[38] = "other words\tno\n", "never seen before\tyes\n"
    (tmp_path / "texts.tsv").write_text("".join(rows))
    return options.Classify(data=str(tmp_path / "texts.tsv"), units=2, embedding=3, epochs=1)


@pytest.mark.slow
def test_a_training_says_what_a_dry_run_says(texts, tmp_path, eager_training, monkeypatch, capsys):
    monkeypatch.setattr(module, "TIMED", 1)
    start.dry_run(texts)
    dry = notes(capsys.readouterr().out)
    kerasrnn.train(texts, tmp_path / "run")
    out = capsys.readouterr().out
    assert notes(out) == dry and len(dry) == 3
    assert dry[0].startswith("Note: tokens: 80.0% of 5 ") and ": lone." in dry[1]
    assert "Validation has 2 examples" in dry[2]
    assert out.index("Note: ") < out.index("\nepoch ")
    kerasrnn.train(texts, tmp_path / "run", resume=True)
    assert notes(capsys.readouterr().out) == []


@pytest.mark.parametrize("scheme", ["auto", pytest.param("none", marks=pytest.mark.slow)])
def test_a_tagger_names_labels_of_one_token(scheme, tmp_path, eager_training, monkeypatch, capsys):
    monkeypatch.setattr(module, "TIMED", 1)
    sentences = ["Oslo B\nis O\n\n"] * 40
    sentences[3] = "Oslo LONE\nis O\n\n"
    (tmp_path / "a.conll").write_text("".join(sentences))
    given = options.Tag(data=str(tmp_path / "a.conll"), units=2, embedding=3, scheme=scheme)
    start.dry_run(given)
    lone, few = notes(capsys.readouterr().out)
    assert ": LONE." in lone and "Validation has 2 examples" in few


def of_scripts(given, scripts, unknown=0, spoken=211):
    counts = BatchCounts({"tokens": (unknown, spoken)}, ENOUGH, {"tokens": scripts})
    return advice(given, counts)


def test_scripts_without_spaces_are_named_from_one_percent_of_words_on():
    words = options.Classify(data="languages", level="word")
    (text,) = of_scripts(words, {"Han": 100, "Thai": 6}, unknown=11, spoken=211)
    assert text.startswith("tokens: 53.0% of 200 known validation tokens are single characters")
    for each in ("Han and Thai, which", "--level subword", "--level character"):
        assert each in text
    assert of_scripts(words, {"Han": 2}) == [] != of_scripts(words, {"Han": 3})
    assert of_scripts(words, {"Hangul": 200}) == []
    for level in ("character", "subword", "whitespace"):
        assert of_scripts(options.Classify(data="languages", level=level), {"Han": 200}) == []


@pytest.mark.parametrize("level", ["word", "whitespace"])
def test_korean_words_that_are_not_known_are_read_in_pieces_or_letters(level):
    given = options.Classify(data="languages", level=level)
    (text,) = of_scripts(given, {"Hangul": 100}, unknown=32, spoken=200)
    assert "16.0% of 200" in text and "Korean words with their endings" in text
    assert "help: --level character, " in text and "--level subword" in text
    assert of_scripts(given, {"Hangul": 100}, unknown=30, spoken=200) == []
    (text,) = of_scripts(given, {"Hangul": 80}, unknown=32, spoken=200)
    assert "Korean" not in text and "--level character" not in text


def test_tokens_are_counted_by_the_script_that_they_begin_with():
    vocabulary = Vocabulary(["the", "我", "กี่", "한국어를", "ㄱ", "カ", "￭。", "\u1112\u1161"])
    ids = np.array([[4, 5, 5, 6, 1, 0], [7, 7, 8, 10, 11, 3]])
    counts = count_batches([({"tokens": ids}, None, np.ones((2, 6)))], {"tokens": vocabulary})
    assert counts.unknown == {"tokens": (1, 10)}
    assert counts.scripts == {"tokens": {"Han": 2, "Thai": 1, "Hangul": 4}}
    counts = count_batches([({"tokens": ids}, None, np.ones((2, 6)))], {"tokens": Vocabulary("ab")})
    assert counts.scripts == {}
