"""The translator: raw text in and out, one folder, the same answers in a new process."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from sacrebleu.metrics import BLEU, CHRF

import kerasrnn
from kerasrnn import Tokenizer, Translator, Vocabulary, encoder_decoder

TEXTS = ["cab", "", "b" * 31, "a?", "a\nb"]


@pytest.fixture(scope="module")
def translator():
    source, target = Tokenizer(Vocabulary("abc\n")), Tokenizer(Vocabulary("0123456", range(7)))
    model = encoder_decoder(8, 11, cell="gru", units=3, attention="dot", embedding=5)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return Translator(model, source, target, max_length=7, settings={"data": "none", "seed": 3})


@pytest.mark.parametrize("batch_size", [1, 2, 256])
def test_order_of_answers_is_that_of_the_inputs(translator, batch_size):
    expected = [translator.predict([text])[0] for text in TEXTS]
    assert len(set(expected)) > 1
    assert translator.predict(TEXTS, batch_size) == expected
    assert translator.predict(iter(TEXTS), batch_size) == expected


def test_no_inputs_no_answers(translator):
    assert translator.predict([]) == [] and translator.translate([]) == []


def test_translation_tells_tokens_score_and_attention(translator):
    for text, answer in zip(TEXTS, translator.translate(TEXTS, batch_size=2), strict=True):
        joined = "".join(token for token in answer.target_tokens if token != "<end>")
        assert joined == answer.text == translator.predict([text])[0]
        assert "".join(answer.source_tokens) == text
        shape = len(answer.target_tokens), max(1, len(text))
        assert answer.attention.shape == shape and answer.log_prob < 0
        np.testing.assert_allclose(answer.attention.sum(-1), 1, rtol=1e-5)


def test_score_is_that_of_the_model(translator):
    (answer,) = translator.translate(["cab"])
    ids = [
        3 if t == "<end>" else translator.target.vocabulary.id_of(t) for t in answer.target_tokens
    ]
    source = translator.source.pad(translator.source.encode(["cab"]))
    x = {"source": source, "target": tf.constant([[2, *ids[:-1]]])}
    log_probs = tf.nn.log_softmax(translator.model(x)[0]).numpy()
    np.testing.assert_allclose(answer.log_prob, log_probs[range(len(ids)), ids].sum(), rtol=1e-5)


def test_evaluate_counts_exact_answers(translator):
    answers = translator.predict(TEXTS)
    targets = [*answers[:3], "0", "1"]
    pairs = tf.data.Dataset.from_tensor_slices((TEXTS, targets))
    metrics = translator.evaluate(pairs, batch_size=2)
    assert metrics["examples"] == 5
    assert metrics["exact_match"] == np.mean(
        [a == t for a, t in zip(answers, targets, strict=True)]
    )
    assert 0 <= metrics["token_accuracy"] <= 1 < metrics["perplexity"]
    # Of the texts as they are read, whatever the batches are.
    bleu, chrf = BLEU(), CHRF()
    assert metrics["bleu"] == bleu.corpus_score(answers, [targets]).score
    assert metrics["chrf"] == chrf.corpus_score(answers, [targets]).score
    assert metrics["bleu_signature"] == str(bleu.get_signature())
    assert translator.evaluate(pairs, batch_size=1) == pytest.approx(metrics)


PROGRAM = """
import json, sys
import kerasrnn
task = kerasrnn.load(sys.argv[1])
answers = task.translate(json.loads(sys.argv[2]))
answers = [[a.text, a.log_prob, a.attention.tolist()] for a in answers]
print(json.dumps(answers))
"""


@pytest.mark.slow
def test_saved_and_loaded_in_a_new_process_is_bit_equal(translator, tmp_path):
    translator.save(tmp_path / "run")
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "run"), json.dumps(TEXTS)],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    expected = [[a.text, a.log_prob, a.attention.tolist()] for a in translator.translate(TEXTS)]
    assert json.loads(result.stdout.splitlines()[-1]) == expected


def test_folder_holds_everything_and_nothing_else(translator, tmp_path):
    translator.save(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [
        "config.json",
        "model.keras",
        *("source_vocabulary.json", "source_vocabulary.txt"),
        *("target_vocabulary.json", "target_vocabulary.txt"),
    ]
    loaded = kerasrnn.load(tmp_path)
    assert isinstance(loaded, Translator)
    assert loaded.settings == translator.settings
    assert (loaded.max_length, loaded.target.vocabulary.counts) == (7, tuple(range(7)))
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["versions"]["keras"] and config["format"] == 2


def test_nothing_is_overwritten(translator, tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(ValueError, match="Expected a new or an empty folder"):
        translator.save(tmp_path)
    assert os.listdir(tmp_path) == ["mine.txt"]
    with pytest.raises(ValueError, match="Expected a new or an empty folder"):
        translator.save(tmp_path / "mine.txt")


def broken(folder, name, content):
    (folder / name).write_text(content)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda f: (f / "config.json").unlink(), "Expected a folder with a config.json"),
        (lambda f: broken(f, "config.json", "{"), "config.json: expected JSON"),
        (lambda f: broken(f, "config.json", '{"format": 9}'), "Received: format 9, task None"),
        (lambda f: (f / "model.keras").unlink(), "no epoch of this run has ended"),
        (
            lambda f: broken(f, "source_vocabulary.txt", "a"),
            "source_vocabulary.txt as it was written",
        ),
    ],
)
def test_a_broken_folder_is_explained(translator, tmp_path, change, message):
    translator.save(tmp_path)
    change(tmp_path)
    with pytest.raises(ValueError, match=message):
        kerasrnn.load(tmp_path)


def test_vocabularies_of_another_model_are_refused(translator):
    with pytest.raises(ValueError, match="of 8 and 11 ids.* Received: 11 and 8"):
        Translator(translator.model, translator.target, translator.source)
    with pytest.raises(ValueError, match="`max_length` to be an integer of at least 1"):
        Translator(translator.model, translator.source, translator.target, max_length=0)


def test_half_of_a_surrogate_pair_is_no_crash(translator):
    assert len(translator.predict(["a\ud800"])) == 1
