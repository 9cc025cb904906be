"""Tokenizers of tasks: saved with all their options, told apart, and read from older folders."""

import json
import subprocess
import sys

import numpy as np
import pytest

import kerasrnn
from kerasrnn import (
    Captioner,
    Classifier,
    LanguageModel,
    Tagger,
    Tokenizer,
    Translator,
    Vocabulary,
    datasets,
    encoder_decoder,
    language_model,
    many_to_many,
    many_to_one,
    one_to_many,
)

TEXTS = ["Cab", "BAA b", "", "ab\u0301c"]
OPTIONS = {"lowercase": True, "normalization": "nfc"}
IMAGE = np.random.default_rng(1).integers(0, 256, (8, 8, 1)).astype("uint8")
LETTERS = "abc \u0301"


def random_weights(model):
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return model


def translator(tokenizer):
    size = len(tokenizer.vocabulary)
    model = encoder_decoder(size, size, units=5, embedding=3)
    return Translator(random_weights(model), tokenizer, tokenizer, max_length=7)


def classifier(tokenizer):
    model = many_to_one(len(tokenizer.vocabulary), 2, units=5, embedding=3)
    return Classifier(random_weights(model), tokenizer, ["no", "yes"])


def captioner(tokenizer):
    model = one_to_many((8, 8, 1), len(tokenizer.vocabulary), units=5, encoder="convolutional")
    return Captioner(random_weights(model), tokenizer, max_length=7)


def modeller(tokenizer):
    model = language_model(len(tokenizer.vocabulary), units=5, embedding=3)
    return LanguageModel(random_weights(model), tokenizer, max_length=7)


def tagger(tokenizer):
    words = Tokenizer.from_config(
        {**tokenizer.get_config(), "level": "whitespace"}, Vocabulary(["cab", "baa", "b"])
    )
    size = len(tokenizer.vocabulary)
    model = many_to_many(len(words.vocabulary), 2, units=5, embedding=3, characters=size)
    return Tagger(random_weights(model), words, ["DET", "NOUN"], tokenizer)


TASKS = [translator, classifier, captioner, modeller, tagger]
ANSWERING = [translator, captioner, modeller]


def answers(task):
    """What a task says of texts, by the signature that is traced soonest."""
    if isinstance(task, Captioner):
        return task.score([IMAGE] * len(TEXTS), TEXTS)
    if isinstance(task, LanguageModel):
        return task.served_perplexities(TEXTS)
    return task.score(TEXTS, TEXTS) if isinstance(task, Translator) else task.encode(TEXTS).tolist()


def tokenizers(task):
    names = ("tokenizer", "source", "target", "words", "characters")
    return [getattr(task, name) for name in names if hasattr(task, name)]


@pytest.mark.parametrize("make", TASKS)
def test_a_loaded_task_reads_texts_as_the_saved_one(make, tmp_path):
    task = make(Tokenizer(Vocabulary(LETTERS), **OPTIONS))
    task.save(tmp_path)
    loaded = kerasrnn.load(tmp_path)
    assert [each.key() for each in tokenizers(loaded)] == [each.key() for each in tokenizers(task)]
    assert answers(loaded) == answers(task)
    plain = make(Tokenizer(Vocabulary(LETTERS)))
    assert answers(plain) != answers(task)  # so that the options matter to these texts


@pytest.mark.slow
def test_and_in_another_process(tmp_path):
    task = translator(Tokenizer(Vocabulary(LETTERS), **OPTIONS))
    task.save(tmp_path)
    program = f"import kerasrnn; print(kerasrnn.load({str(tmp_path)!r}).score({TEXTS}, {TEXTS}))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    scores = json.loads(result.stdout.splitlines()[-1])
    np.testing.assert_allclose(scores, task.score(TEXTS, TEXTS), rtol=1e-6)


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("make", TASKS)
def test_a_folder_of_format_1_is_read_as_it_was(make, lowercase, tmp_path):
    task = make(
        Tokenizer(Vocabulary(LETTERS), lowercase=lowercase and make in (classifier, tagger))
    )
    task.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text()) | {"format": 1}
    del config["files"], config["seal"]
    if make is translator:
        config |= {"source_level": "character", "target_level": "character"}
    elif make is not tagger:
        config["level"] = "character"
    if make in (classifier, tagger) and lowercase:  # it is not in the oldest ones
        config["lowercase"] = True
    (tmp_path / "config.json").write_text(json.dumps(config))
    for path in tmp_path.glob("*.json"):
        if path.name != "config.json":
            path.unlink()
    found = [each.get_config() for each in tokenizers(kerasrnn.load(tmp_path))]
    expected = [each.get_config() for each in tokenizers(task)]
    if make is tagger:  # its letters kept their case
        expected[1]["lowercase"] = False
    assert found == expected


@pytest.mark.parametrize("make", ANSWERING)
def test_members_of_an_ensemble_read_texts_alike(make):
    vocabulary = Vocabulary(LETTERS)
    one = make(Tokenizer(vocabulary))
    for name, value in OPTIONS.items():
        with pytest.raises(ValueError, match="with the same vocabularies"):
            one.ensemble_with(make(Tokenizer(vocabulary, **{name: value})))


@pytest.mark.parametrize("level", ["word", "subword"])
def test_loaders_pass_all_options_on(level):
    raw = datasets.captioned_images("digits", "validation").take(7).cache()
    pairs = raw.map(lambda image, start, text: (start, text))
    options = {"lowercase": True, "min_count": 2, "max_size": 31}
    caption, starts = datasets.caption_tokenizer(raw, level, **options)
    assert caption.vocabulary.tokens[: len(starts)] == tuple(f"<{start}>" for start in starts)
    for each in (caption, *datasets.train_tokenizers(pairs, level, **options)):
        assert (each.level, each.lowercase) == (level, True)
        assert len(each.vocabulary) <= 31 + len(starts)


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("config.json", {"format": 3}, "format 1 to 2, the latest.* Received: format 3"),
        ("vocabulary.json", {"splitting": 2}, "vocabulary.json: .*later version of kerasrnn"),
        ("vocabulary.json", {"stemming": True}, "vocabulary.json: .*options of a tokenizer among"),
        ("vocabulary.json", None, "Expected the options of a tokenizer in .*vocabulary.json"),
    ],
)
def test_what_a_later_version_wrote_is_refused(name, content, message, tmp_path):
    classifier(Tokenizer(Vocabulary(LETTERS))).save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    del config["files"], config["seal"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    path = tmp_path / name
    if content is None:
        path.unlink()
    else:
        path.write_text(json.dumps(json.loads(path.read_text()) | content))
    with pytest.raises(ValueError, match=message):
        kerasrnn.load(tmp_path)
