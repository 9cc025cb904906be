"""Subwords in every task that reads or writes texts: train, load, and export on its own."""

import pathlib
import sys

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import (
    Classifier,
    LanguageModel,
    Tokenizer,
    Translator,
    encoder_decoder,
    export,
    language_model,
    many_to_one,
)
from kerasrnn.cli.main import main
from kerasrnn.datasets.readers.image_decoding import encode_png

TEXTS = ["the lowest of the newest, widely", "", "two  spaces", "ж 😀", "unseenly", "a" * 71]
SMALL = ["--level", "subword", "--units", "5", "--embedding", "3", "--epochs", "1"]
SMALL += ["--max-vocabulary-size", "47", "--min-count", "1", "--batch-size", "9"]


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.train([["the lower and the newer", *TEXTS]], "subword", max_size=61)


def random_weights(model):
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return model


def classifier(tokenizer):
    size = len(tokenizer.vocabulary)
    model = many_to_one(size, 2, units=5, embedding=3, pooling="attention")
    return Classifier(random_weights(model), tokenizer, ["no", "yes"])


def translator(tokenizer):
    size = len(tokenizer.vocabulary)
    model = encoder_decoder(size, size, units=5, embedding=3, attention="dot")
    return Translator(random_weights(model), tokenizer, tokenizer, max_length=11)


@pytest.mark.slow
def test_the_words_of_a_classifier_are_pieces(tokenizer):
    answers = classifier(tokenizer).classify(TEXTS)
    for text, answer in zip(TEXTS, answers, strict=True):
        assert "".join(answer.tokens).replace("▁", " ") == (" " + text if text else "")
        assert len(answer.attention) == len(answer.tokens)


@pytest.mark.slow
def test_a_continuation_goes_on_where_the_text_ends(tokenizer):
    model = random_weights(language_model(len(tokenizer.vocabulary), units=5, embedding=3))
    task = LanguageModel(model, tokenizer, max_length=9)
    for text, answer in zip(TEXTS, task.predict(TEXTS), strict=True):
        outputs = task.call("continue", [text])
        assert outputs["text"][0].decode() == answer
    assert [len(row) for row in task.token_log_probs(TEXTS[:3])] == [
        1 + len(row) for row in tokenizer.split(TEXTS[:3]).to_list()
    ]


@pytest.mark.slow
@pytest.mark.parametrize("make", [classifier, translator])
def test_an_export_splits_as_python_does(tokenizer, tmp_path, make, monkeypatch):
    make(tokenizer).save(tmp_path / "run")
    monkeypatch.setitem(sys.modules, "tokenizers", None)  # only the training needs it
    task = kerasrnn.load(tmp_path / "run")
    assert task.predict(TEXTS) == make(tokenizer).predict(TEXTS)
    folder = task.export(tmp_path / "model", TEXTS)
    served = task.served_inputs(TEXTS)
    assert export.run_elsewhere(folder, served, task.served_answer) == task.predict(TEXTS)
    tokens = {"classify": "tokens", "translate": "source_tokens"}[task.name]
    rows = export.run_elsewhere(folder, served, tokens)
    expected = tokenizer.split(TEXTS).to_tensor("").numpy().astype(object)
    assert rows == [[token.decode() for token in row] for row in expected]


def lines(task):
    words = ["lower", "newest", "wider", "spaces"]
    for i in range(40):
        text = f"the {words[i % 4]} {i % 7}, {words[i % 3]}!"
        yield {
            "classify": f"{text}\t{'ab'[i % 2]}",
            "translate": f"{text}\t{words[i % 4]}s {i % 3}",
            "language-model": text,
            "caption": f"{i % 2}.png\t{text}",
        }[task]


@pytest.mark.slow
@pytest.mark.parametrize(
    "task, options",
    [("classify", []), ("translate", []), ("translate", ["--share-embeddings", "--tie-output"])]
    + [("language-model", ["--context", "sentence"]), ("caption", [])],
)
def test_command_line(tmp_path, capsys, task, options):
    data = tmp_path / ("data.txt" if task == "language-model" else "data.tsv")
    data.write_text("".join(f"{line}\n" for line in lines(task)))
    for i in range(2):
        (tmp_path / f"{i}.png").write_bytes(encode_png(np.full((8, 8, 1), 200 * i, "uint8")))
    run = str(tmp_path / "run")
    assert main(["train", task, "--data", str(data), "--output", run, *SMALL, *options]) == 0
    loaded = kerasrnn.load(run)
    tokenizer = getattr(loaded, "tokenizer", None) or loaded.target
    assert tokenizer.level == "subword" and 20 < len(tokenizer.vocabulary) <= 47
    if options[:1] == ["--share-embeddings"]:
        assert loaded.source.vocabulary == loaded.target.vocabulary
    elif task == "translate":
        assert loaded.source.vocabulary != loaded.target.vocabulary
    assert main(["export", run, str(tmp_path / "model")]) == 0
    assert "is the new version" in capsys.readouterr().out


def test_without_the_library_nothing_is_written(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    data, run = tmp_path / "data.tsv", pathlib.Path(tmp_path, "run")
    data.write_text("".join(f"{line}\n" for line in lines("classify")))
    words = ["train", "classify", "--data", str(data), "--output", str(run), *SMALL]
    assert main(words) == 2
    assert 'pip install "kerasrnn[subwords]"' in capsys.readouterr().err and not run.exists()


def test_runs_of_subwords_are_not_mixed_with_other_models(tokenizer, tmp_path, capsys):
    model = language_model(len(tokenizer.vocabulary), units=5, embedding=3)
    LanguageModel(model, tokenizer).save(tmp_path / "run")
    (tmp_path / "test.txt").write_text("the lower\n")
    words = ["perplexity", str(tmp_path / "test.txt"), "--models", str(tmp_path / "run")]
    assert main(words) == 2
    assert "whose tokens are subwords" in capsys.readouterr().err


def test_graph_has_core_operations_only(tokenizer):
    function = tf.function(tokenizer.encode, input_signature=[tf.TensorSpec([None], tf.string)])
    graph = function.get_concrete_function().graph.as_graph_def()
    names = {node.op for node in graph.node}
    names |= {node.op for each in graph.library.function for node in each.node_def}
    assert not [name for name in names if "PyFunc" in name or "Tokenize" in name]
