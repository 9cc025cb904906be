"""Models of fastText: vectors composed by hand from the rows of their n-grams, and damage."""

import builtins
import struct

import numpy as np
import pytest

from kerasrnn.embeddings import (
    WordVectors,
    extended_vocabulary,
    nearest_words,
    pretrained_weights,
    read_vectors,
    vector_dimensions,
)
from kerasrnn.vocabulary import RESERVED, Vocabulary

FIRST, SIZE, BUCKET, LEAST, MOST = len(RESERVED), 7, 53, 2, 3
MAGIC = struct.pack("<i", 793712314)
SENTENCES = [["cat", "dog", "the", "cat"], ["a", "cats", "dog", "öl"]] * 5


@pytest.fixture(scope="module")
def fasttext():
    return pytest.importorskip("gensim.models.fasttext", reason='needs "kerasrnn[fasttext]"')


@pytest.fixture(scope="module")
def trained(fasttext):
    return fasttext.FastText(
        SENTENCES,
        vector_size=SIZE,
        min_count=1,
        bucket=BUCKET,
        min_n=LEAST,
        max_n=MOST,
        epochs=1,
        workers=1,
        seed=1,
    )


@pytest.fixture(scope="module")
def path(fasttext, trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("fasttext") / "model.bin"
    fasttext.save_facebook_model(trained, str(path))
    return path


def hashed(ngram):
    """The hash of fastText's dictionary, FNV-1a over signed bytes."""
    found = 2166136261
    for byte in ngram.encode():
        found ^= byte if byte < 128 else byte | 0xFFFFFF00
        found = found * 16777619 % 2**32
    return found


def rows_of(trained, word):
    """The rows of the n-grams of a word between its marks, by the model's matrix."""
    marked = f"<{word}>"
    ngrams = [
        marked[i : i + size]
        for size in range(LEAST, MOST + 1)
        for i in range(len(marked) - size + 1)
        if size > 1
    ]
    return trained.wv.vectors_ngrams[[hashed(each) % BUCKET for each in ngrams]]


@pytest.mark.parametrize("word", ["catdog", "dogs", "x", "köln", "öl,"])
def test_a_word_that_it_has_not_seen_is_the_mean_of_its_ngrams(path, trained, word):
    composed = read_vectors(path).compose(word)
    assert composed.shape == (SIZE,) and composed.dtype == np.float32
    np.testing.assert_allclose(composed, rows_of(trained, word).mean(0), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("word", ["cat", "öl"])
def test_a_word_that_it_has_seen_has_its_own_row_too(path, trained, word):
    vectors = read_vectors(path, {word, "absent"})
    assert vectors.words == (word,)
    own = trained.wv.vectors_vocab[[trained.wv.key_to_index[word]]]
    expected = np.concatenate([own, rows_of(trained, word)]).mean(0)
    np.testing.assert_allclose(vectors.vectors[0], expected, rtol=1e-5, atol=1e-8)


def test_weights_and_coverage_of_words_that_are_seen_lower_or_composed(path, trained):
    vocabulary = Vocabulary(["cat", "￭Dog", "catdog￭", "CATDOG", "￭"], counts=[11, 7, 5, 3, 2])
    weights, coverage = pretrained_weights(path, vocabulary, seed=3)
    known = read_vectors(path)
    np.testing.assert_array_equal(weights[FIRST], known.vectors[known.words.index("cat")])
    np.testing.assert_array_equal(weights[FIRST + 1], known.vectors[known.words.index("dog")])
    composed = rows_of(trained, "catdog").mean(0)
    for row in (2, 3):  # the model has no capital letter, and is asked for none
        np.testing.assert_allclose(weights[FIRST + row], composed, rtol=1e-5, atol=1e-8)
    assert (coverage.found, coverage.found_lowercased, coverage.composed) == (1, 1, 2)
    assert coverage.missing == 1  # the mark of a joiner alone is no word
    assert coverage.share_of_types == 4 / 5
    assert coverage.share_of_tokens == pytest.approx(26 / 28)
    assert coverage.tokens_lowercased == pytest.approx(7 / 28)
    assert coverage.tokens_composed == pytest.approx(8 / 28)
    assert str(coverage) == (
        "80.0 % of 5 words (20.0 % in lower case, 40.0 % composed of n-grams), 92.9 % of the "
        "running words (25.0 % in lower case, 28.6 % composed of n-grams); 1 word is drawn at "
        "random"
    )


def test_composed_words_alone_are_enough():
    vectors = WordVectors(["a"], [[0.5, 1.0]], lambda word: np.full(2, len(word), np.float32))
    weights, coverage = pretrained_weights(vectors, Vocabulary(["xyz", "a"]))
    assert weights[FIRST:].tolist() == [[3, 3], [0.5, 1]] and coverage.composed == 1
    weights, coverage = pretrained_weights(vectors, Vocabulary(["xyz"]))
    assert weights[FIRST:].tolist() == [[3, 3]] and coverage.found == 0


def test_a_model_with_capitals_is_asked_for_them(fasttext, tmp_path):
    model = fasttext.FastText(
        [["Cat", "dog"]] * 3, vector_size=3, min_count=1, bucket=BUCKET, min_n=2, max_n=3, epochs=1
    )
    fasttext.save_facebook_model(model, str(tmp_path / "model.bin"))
    compose = read_vectors(tmp_path / "model.bin").compose
    assert not np.array_equal(compose("Catdog"), compose("catdog"))


def test_other_uses_of_a_model(path, trained):
    assert vector_dimensions(path) == SIZE
    words = tuple(trained.wv.index_to_key)
    assert extended_vocabulary(Vocabulary(["dog"]), path).tokens == (
        "dog",
        *(word for word in words if word != "dog"),
    )
    near = nearest_words(read_vectors(path), "cat", 2)
    assert [word for word, _ in near] == [word for word, _ in trained.wv.most_similar("cat")[:2]]


@pytest.mark.parametrize("size", [4, 11, 60, 200, 900])
def test_a_damaged_model_is_one_sentence(fasttext, path, tmp_path, size):
    cut = tmp_path / "cut.bin"
    cut.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ValueError, match=r"cut.bin: expected a whole fastText model.*Received: ."):
        read_vectors(cut)
    if size < 12:
        with pytest.raises(ValueError, match="cut.bin: expected a whole fastText model"):
            vector_dimensions(cut)


def test_without_gensim_the_error_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "model.bin"
    path.write_bytes(MAGIC + bytes(100))
    imported = builtins.__import__

    def without_gensim(name, *rest, **others):
        if name.startswith("gensim"):
            raise ModuleNotFoundError(name)
        return imported(name, *rest, **others)

    monkeypatch.setattr(builtins, "__import__", without_gensim)
    for read in (read_vectors, vector_dimensions):
        with pytest.raises(ValueError, match=r"package gensim.*kerasrnn\[fasttext\]"):
            read(path)
