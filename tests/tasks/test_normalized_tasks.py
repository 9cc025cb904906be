"""New runs read composed and decomposed letters alike; older ones go on as they were."""

import unicodedata

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import Captioner, Tokenizer, Translator, encoder_decoder, one_to_many, options
from kerasrnn.tasks.caption.job import CaptionJob
from kerasrnn.tasks.classify.job import ClassificationJob
from kerasrnn.tasks.language_model.job import LanguageModelJob
from kerasrnn.tasks.tag.job import TaggingJob
from kerasrnn.tasks.translate.job import TranslationJob

WORDS = ["été", "naïve", "Ångström", "한국"]
DECOMPOSED = [unicodedata.normalize("NFD", word) for word in WORDS]
JOBS = {
    "translate": (TranslationJob, options.Translate),
    "classify": (ClassificationJob, options.Classify),
    "tag": (TaggingJob, options.Tag),
    "caption": (CaptionJob, options.Caption),
    "language_model": (LanguageModelJob, options.LanguageModel),
}


def job(name, folder, **given):
    """A job with the options that its command has by default."""
    path = folder / ("data.conll" if name == "tag" else "data.tsv")
    if name == "tag":
        path.write_text(
            "".join(f"{word} {'AB'[i % 2]}\n\n" for i, word in enumerate(DECOMPOSED * 9))
        )
    else:
        path.write_text("".join(f"{word}\t{word}\n" for word in DECOMPOSED * 9))
    small = {"units": 3, "embedding": 3, "min_count": 1, "data": str(path)}
    job, task = JOBS[name]
    return job(task(**small, **given))


def tokenizers(task):
    names = ("tokenizer", "source", "target", "words", "characters")
    return [getattr(task, name) for name in names if hasattr(task, name)]


@pytest.mark.parametrize("name", ["translate", "classify", "tag"])
def test_a_new_run_reads_both_forms_alike(name, tmp_path):
    new = job(name, tmp_path)
    for tokenizer in tokenizers(new.new_task(new.read("train"))):
        assert tokenizer.normalization == "nfc"
        assert all(unicodedata.is_normalized("NFC", each) for each in tokenizer.vocabulary.tokens)
        ids = tokenizer.encode(WORDS).to_list()
        assert ids == tokenizer.encode(DECOMPOSED).to_list() and [1] not in ids
    old = job(name, tmp_path, normalization="none")
    for tokenizer in tokenizers(old.new_task(old.read("train"))):
        assert tokenizer.encode(WORDS).to_list() != tokenizer.encode(DECOMPOSED).to_list()


@pytest.mark.parametrize("name", JOBS)
def test_a_run_that_has_not_recorded_it_goes_on_without(name, tmp_path):
    new = job(name, tmp_path).options
    assert new.normalization == "nfc"
    assert new.resuming({"units": 3}).normalization == "none"
    assert new.resuming({"normalization": "nfc"}).normalization == "nfc"


def test_right_answers_are_compared_in_the_form_of_the_answers(monkeypatch):
    tokenizer = Tokenizer.train(DECOMPOSED)
    size = len(tokenizer.vocabulary)
    task = Translator(encoder_decoder(size, size, units=3, embedding=3), tokenizer, tokenizer)
    monkeypatch.setattr(Translator, "predict", lambda self, inputs, *_: WORDS)
    pairs = tf.data.Dataset.from_tensor_slices((DECOMPOSED, DECOMPOSED))
    found = task.evaluate(pairs)
    assert (found["exact_match"], found["chrf"]) == (1, 100)
    model = one_to_many((8, 8, 1), size, units=3, embedding=3, encoder="convolutional")
    monkeypatch.setattr(Captioner, "predict", lambda self, inputs, *_: WORDS)
    images = np.zeros((len(WORDS), 8, 8, 1), "uint8")
    examples = tf.data.Dataset.from_tensor_slices((images, [""] * len(WORDS), DECOMPOSED))
    assert Captioner(model, tokenizer).evaluate(examples)["exact_match"] == 1
