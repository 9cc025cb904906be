"""The commands for language models, against the models called in Python."""

import json
import math

import numpy as np
import pytest

import kerasrnn
from kerasrnn import LanguageModel, Tokenizer, Vocabulary
from kerasrnn import language_modeling as lm
from kerasrnn.cli import main

LINES = ["the cat sat", "the dog sat", "a cat ran", "the cat ran", "a dog"] * 5
TEST = ["the dog ran", "", "a bird sat"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("models")
    (path / "train.txt").write_text("\n".join(LINES))
    (path / "test.txt").write_text("\n".join(TEST))
    (path / "valid.txt").write_text("a cat sat\nthe dog\n")
    lm.write_arpa(lm.add_k(LINES, order=2, k=0.5), path / "add.arpa")
    tokenizer = Tokenizer(Vocabulary(["the", "cat", "sat"]), "whitespace")
    model = kerasrnn.language_model(len(tokenizer.vocabulary), cell="gru", units=5)
    LanguageModel(model, tokenizer, "stream").save(path / "run")
    return path


def call(capsys, *words):
    """Runs a command that succeeds; returns what it printed and the JSON of the last line."""
    assert main([str(word) for word in words]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    return lines, json.loads(last)


def models_of(folder):
    counted = lm.read_arpa(folder / "add.arpa")
    neural = kerasrnn.load(folder / "run").next_token_model()
    return [lm.Expanded(neural, counted.vocabulary), counted]


def sentences(folder, name="test.txt"):
    return [line for line in (folder / name).read_text().splitlines() if line]


def perplexity(stream):
    return math.exp(-stream.mean())


@pytest.mark.parametrize(
    "options, expected",
    [
        ((), lambda: lm.kneser_ney(LINES, 5)),
        (
            ("--order", 2, "--smoothing", "kneser-ney"),
            lambda: lm.kneser_ney(LINES, 2, None, "single"),
        ),
        (("--order", 3, "--smoothing", "add-k", "--k", 0.25), lambda: lm.add_k(LINES, 3, k=0.25)),
        (
            ("--order", 3, "--min-counts", "1,1,6"),
            lambda: lm.kneser_ney(LINES, 3, min_counts=[1, 1, 6]),
        ),
    ],
    ids=["default", "one discount", "add-k", "cut off"],
)
@pytest.mark.filterwarnings("ignore:The text has too little:UserWarning")
def test_ngram(folder, tmp_path, capsys, options, expected):
    path = tmp_path / "model.arpa.gz"
    _, said = call(capsys, "ngram", folder / "train.txt", "--output", path, *options)
    expected = expected()
    assert said["ngrams"] == list(expected.sizes)
    for mine, own in zip(
        lm.read_arpa(path).token_log_probs(TEST), expected.token_log_probs(TEST), strict=True
    ):
        np.testing.assert_allclose(mine, own, atol=1e-6)


def test_perplexity_of_one_model(folder, capsys):
    arpa = folder / "add.arpa"
    _, said = call(capsys, "perplexity", folder / "test.txt", "--models", arpa)
    report = lm.text_report(lm.read_arpa(arpa), sentences(folder))
    assert said["perplexity"] == pytest.approx(report.perplexity)
    assert (said["tokens"], said["sentences"], said["unknown_words"]) == (8, 2, 1)
    assert said["weights"] == {str(arpa): 1.0}


def test_a_text_is_read_as_the_run_reads_it(folder, tmp_path, capsys):
    task = kerasrnn.load(folder / "run")
    options = {"lowercase": True, "normalization": "nfc"}
    tokenizer = Tokenizer(Vocabulary(["the", "cat", "\u00e9t\u00e9"]), "whitespace", **options)
    LanguageModel(task.model, tokenizer, "stream").save(tmp_path / "run")
    found = []
    for text in ("THE cat e\u0301te\u0301", "the cat \u00e9t\u00e9"):
        (tmp_path / "test.txt").write_text(text, encoding="utf-8")
        command = ("perplexity", tmp_path / "test.txt", "--models", tmp_path / "run")
        found.append(call(capsys, *command)[1]["perplexity"])
    assert found[0] == found[1]
    plain = Tokenizer(tokenizer.vocabulary, "whitespace", lowercase=True)  # as an older run's
    LanguageModel(task.model, plain, "stream").save(tmp_path / "older")
    command = (
        "perplexity",
        tmp_path / "test.txt",
        "--models",
        tmp_path / "older",
        tmp_path / "run",
    )
    assert call(capsys, *command)[1]["perplexity"] == pytest.approx(found[0])
    command = ("perplexity", tmp_path / "test.txt", "--models", folder / "run", tmp_path / "run")
    assert main([str(word) for word in command]) == 2
    assert "runs that split texts in the same way" in capsys.readouterr().err
    kn = tmp_path / "kn.arpa"
    (tmp_path / "test.txt").write_text("e\u0301te\u0301", encoding="utf-8")
    options = ("--output", kn, "--smoothing", "add-k", "--normalization", "nfc")
    call(capsys, "ngram", tmp_path / "test.txt", *options)
    assert lm.read_arpa(kn).vocabulary.tokens == ("\u00e9t\u00e9",)


def test_mixtures_with_given_and_with_tuned_weights(folder, capsys):
    names = [str(folder / "run"), str(folder / "add.arpa")]
    models = models_of(folder)
    streams = [lm.token_stream(model, sentences(folder)) for model in models]
    command = ["perplexity", folder / "test.txt", "--models", *names]
    _, said = call(capsys, *command, "--weights", "0.75,0.25")
    assert said["perplexity"] == pytest.approx(
        perplexity(np.log(0.75 * np.exp(streams[0]) + 0.25 * np.exp(streams[1])))
    )
    for name, stream in zip(names, streams, strict=True):
        assert said["models"][name]["perplexity"] == pytest.approx(perplexity(stream))
    _, said = call(capsys, *command, "--tune-on", folder / "valid.txt")
    weights, _ = lm.tune_weights(models, sentences(folder, "valid.txt"))
    assert [said["weights"][name] for name in names] == pytest.approx(weights.tolist(), abs=1e-5)
    mixed = lm.mix_streams(streams, weights)
    assert said["perplexity"] == pytest.approx(perplexity(mixed), rel=1e-5)


def test_a_cache_and_what_goes_on_learning(folder, capsys):
    names = [str(folder / "run"), str(folder / "add.arpa")]
    expanded, counted = models_of(folder)
    dynamic = lm.Expanded(lm.DynamicModel(expanded.model, 0.5), counted.vocabulary)
    command = ["perplexity", folder / "test.txt", "--models", *names]
    _, said = call(capsys, *command, "--dynamic", 0.5, "--cache", 0.2)
    parts = [dynamic, counted, lm.Cache(counted.vocabulary)]
    streams = [lm.token_stream(model, sentences(folder)) for model in parts]
    assert list(said["weights"].values()) == pytest.approx([0.4, 0.4, 0.2])
    mixed = lm.mix_streams(streams, [0.4, 0.4, 0.2])
    assert said["perplexity"] == pytest.approx(perplexity(mixed))
    static = perplexity(lm.token_stream(expanded, sentences(folder)))
    assert said["models"][f"{names[0]}, static"]["perplexity"] == pytest.approx(static)
    assert said["models"][names[0]]["perplexity"] == pytest.approx(perplexity(streams[0]))
    assert said["models"][names[0]]["perplexity"] != pytest.approx(static)


def test_what_is_impossible_is_null(folder, tmp_path, capsys):
    lm.write_arpa(lm.add_k(LINES, order=2, k=0), tmp_path / "ml.arpa")
    _, said = call(capsys, "perplexity", folder / "test.txt", "--models", tmp_path / "ml.arpa")
    assert said["perplexity"] is None and said["impossible_sentences"] == 2


def test_rescore(folder, tmp_path, capsys):
    (tmp_path / "heard").write_text("u1 cat the sat\nu1 the cat sat\nu2 a dog\nu2 dog a\n")
    (tmp_path / "said").write_text("u1 the cat sat\nu2 a dog\n")
    command = ["rescore", tmp_path / "heard", "--models", folder / "add.arpa"]
    lines, said = call(capsys, *command, "--references", tmp_path / "said")
    assert lines == ["u1 the cat sat", "u2 a dog"]
    assert (said["first_best_wer"], said["oracle_wer"], said["wer"]) == (2 / 5, 0, 0)
    lines, _ = call(capsys, *command, "--lm-weight", 0, "--word-insertion-penalty", 1)
    assert lines == ["u1 cat the sat", "u2 a dog"], "without a model the order stays"
    tuned = ("--tune-on", tmp_path / "heard", "--output", tmp_path / "answers")
    lines, said = call(capsys, *command, "--references", tmp_path / "said", *tuned)
    assert lines == [] and said["wer"] == 0 and said["weights"]["lm_weight"] > 0
    assert (tmp_path / "answers").read_text() == "u1 the cat sat\nu2 a dog\n"


def test_rescore_with_what_adapts(folder, tmp_path, capsys):
    (tmp_path / "heard").write_text("u1 the cat\nu1 the sat\nu2 a cat\nu2 a dog\n")
    command = ["rescore", tmp_path / "heard", "--models", folder / "run", folder / "add.arpa"]
    lines, _ = call(capsys, *command, "--dynamic", 0.1, "--cache", 0.3)
    expanded, counted = models_of(folder)
    dynamic = lm.Expanded(lm.DynamicModel(expanded.model, 0.1, 200), counted.vocabulary)
    parts = [dynamic, counted, lm.Cache(counted.vocabulary)]
    heard = lm.read_nbest(tmp_path / "heard")
    answers = lm.rescore(heard, lm.Mixture(parts, [0.35, 0.35, 0.3]), lm.RescoringWeights())
    assert lines == [" ".join([each.utterance, *each.first_best]) for each in answers]


def test_generate(folder, capsys):
    command = ["generate", str(folder / "run"), "--prompt", "the", "--seed", "3"]
    assert main([*command, "--number", "2", "--max-length", "7"]) == 0
    lines = capsys.readouterr().out.splitlines()
    task = kerasrnn.load(folder / "run")
    expected = task.generate(["the", "the"], seed=3, max_length=7)
    assert lines == [f"the{text}" for text in expected] and lines[0] != lines[1]


@pytest.mark.parametrize(
    "words, message",
    [
        (["perplexity", "nowhere.txt", "--models", "add.arpa"], "nowhere.txt"),
        (["perplexity", "test.txt", "--models", "nowhere.arpa"], "nowhere.arpa"),
        (["perplexity", "empty.txt", "--models", "add.arpa"], "at least a line"),
        (["perplexity", "bytes.txt", "--models", "add.arpa"], "bytes.txt, line 2: expected UTF-8"),
        (["perplexity", "unknown.txt", "--models", "add.arpa"], "words of the vocabulary"),
        (["perplexity", "test.txt", "--models", "broken.arpa"], "broken.arpa, line 2"),
        (["perplexity", "test.txt", "--models", "add.arpa", "other.arpa"], "'bird'"),
        (["perplexity", "test.txt", "--models", "add.arpa", "--weights", "0.5,0.5"], "1 --weights"),
        (["perplexity", "test.txt", "--models", "add.arpa", "--weights", "x"], "--weights"),
        (["perplexity", "test.txt", "--models", "add.arpa", "--dynamic", "0.1"], "--dynamic"),
        (["perplexity", "test.txt", "--models", "add.arpa", "--cache", "1"], "above 0 to below 1"),
        (["ngram", "train.txt", "--output", "nowhere/kn.arpa"], "a folder for --output"),
        (["ngram", "train.txt", "--output", "kn.arpa", "--min-counts", "a"], "--min-counts"),
        (["ngram", "train.txt", "--output", "add.arpa"], "a new file for --output"),
        (["ngram", "empty.txt", "--output", "kn.arpa"], "at least a line"),
        (["generate", "run", "--number", "0"], "`number` to be an integer from 1 to 1,000,000"),
        (["rescore", "heard", "--models", "add.arpa", "--tune-on", "heard"], "--references"),
        (["rescore", "nowhere", "--models", "add.arpa"], "nowhere"),
        (["rescore", "heard", "--models", "add.arpa", "--output", "heard"], "a new file"),
        (["rescore", "heard", "--models", "add.arpa", "--references", "other"], "a reference for"),
    ],
)
def test_one_sentence_for_each_wrong_word(folder, capsys, monkeypatch, words, message):
    (folder / "empty.txt").write_text("\n \n")
    (folder / "bytes.txt").write_bytes(b"the\n\xff\n")
    (folder / "unknown.txt").write_text("nothing known\n")
    (folder / "broken.arpa").write_text("\\data\\\nngram one=2\n")
    lm.write_arpa(lm.add_k(["bird"], order=1), folder / "other.arpa")
    (folder / "heard").write_text("u1 cat\n")
    (folder / "other").write_text("u2 cat\n")
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    assert main(words) == 2
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error
    assert sorted(folder.iterdir()) == before, "nothing is written"
