"""The embedding from a file: which vector each id gets, what is drawn, and that it stays."""

import keras
import numpy as np
import pytest

from kerasrnn.embeddings import (
    Coverage,
    WordVectors,
    extended_vocabulary,
    pretrained_embedding,
    write_vectors,
)
from kerasrnn.vocabulary import RESERVED, Vocabulary

FIRST = len(RESERVED)
WORDS = ("the", "Paris", "paris", "cat", ",", "strasse", "￭;", ";", "cat")
VECTORS = WordVectors(WORDS, np.arange(45).reshape(9, 5) / 16 - 1)


def weights_of(layer):
    (weights,) = layer.get_weights()
    return weights


def vector(word):
    return VECTORS.vectors[WORDS.index(word)]


@pytest.mark.parametrize(
    "token, word",
    [
        ("the", "the"),
        ("cat", "cat"),  # of two rows, the first
        ("The", "the"),
        ("Paris", "Paris"),  # not that of its lower case
        ("PARIS", "paris"),
        ("Straße", "strasse"),  # by casefold alone
        ("￭,", ","),
        (",￭", ","),
        ("￭,￭", ","),
        ("￭THE", "the"),
        ("￭;", "￭;"),  # a file that has the mark itself
        (";￭", ";"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_each_token_gets_its_vector(tmp_path, token, word, place):
    tokens = ["dog", "bird"]
    tokens.insert(place, token)
    vocabulary = Vocabulary(tokens)
    path = tmp_path / "vectors.txt"
    write_vectors(path, WORDS[:-1], VECTORS.vectors[:-1])
    for source in (VECTORS, path):
        layer, coverage = pretrained_embedding(source, vocabulary)
        weights = weights_of(layer)
        assert weights.shape == (FIRST + 3, 5)
        np.testing.assert_array_equal(weights[FIRST + place], vector(word))
        assert coverage.found + coverage.found_lowercased == 1
        assert coverage.missing == 2
    lowered = token.strip("￭") != word.strip("￭")
    assert coverage.found_lowercased == lowered


def test_the_default_is_a_frozen_token_embedding():
    layer, _ = pretrained_embedding(VECTORS, Vocabulary(["the"]))
    assert (layer.name, layer.trainable) == ("token_embedding", False)


def test_without_lowercase_only_the_word_itself_counts():
    layer, coverage = pretrained_embedding(
        VECTORS, Vocabulary(["The", "cat", "PARIS"]), lowercase=False
    )
    assert coverage == Coverage(found=1, found_lowercased=0, missing=2)
    np.testing.assert_array_equal(weights_of(layer)[FIRST + 1], vector("cat"))
    assert not np.array_equal(weights_of(layer)[FIRST], vector("the"))


@pytest.mark.parametrize("name", ["token_embedding", "source_embedding"])
@pytest.mark.parametrize("trainable", [False, True])
def test_the_layer_is_what_a_factory_takes(name, trainable):
    vocabulary = Vocabulary(["the", "dog", "cat"])
    layer, _ = pretrained_embedding(VECTORS, vocabulary, trainable=trainable, name=name)
    assert type(layer) is keras.layers.Embedding
    assert (layer.name, layer.mask_zero, layer.trainable) == (name, True, trainable)
    assert (layer.input_dim, layer.output_dim) == (len(vocabulary), 5)
    assert len(layer.trainable_weights) == trainable


def test_padding_is_zeros_and_other_rows_are_drawn_like_the_found_ones():
    rng = np.random.default_rng(3)
    found = rng.normal(5.0, 0.25, (997, 11)).astype("float32")
    found[401:] *= 9  # rows that no word asks for
    vectors = WordVectors([f"w{i}" for i in range(997)], found)
    vocabulary = Vocabulary([*(f"x{i}" for i in range(499)), *vectors.words[:401]])
    weights = weights_of(pretrained_embedding(vectors, vocabulary)[0])
    assert not weights[0].any()
    assert weights[1:FIRST].all()
    drawn = weights[1 : FIRST + 499]
    # Four standard errors of a normal sample, around mean 0 and the deviation of the found rows.
    sigma = np.std(found[:401].astype("float64"))
    assert abs(drawn.mean()) < 4 * sigma / np.sqrt(drawn.size)
    assert abs(drawn.std() - sigma) < 4 * sigma / np.sqrt(2 * drawn.size)
    assert len(np.unique(drawn)) > 0.99 * drawn.size


def test_the_seed_decides_the_draw():
    vocabulary = Vocabulary(["the", "dog", "bird"])
    first, again, other = (
        weights_of(pretrained_embedding(VECTORS, vocabulary, seed=seed)[0]) for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first, again)
    assert (first[1:FIRST] != other[1:FIRST]).all()
    np.testing.assert_array_equal(first[FIRST], other[FIRST])
    assert np.array_equal(
        weights_of(pretrained_embedding(VECTORS, vocabulary)[0]),
        weights_of(pretrained_embedding(VECTORS, vocabulary, seed=1)[0]),
    )


def test_coverage_counts_words_and_running_words():
    tokens = ["the", "The", "dog", "cat", "PARIS", "￭!", "bird"]
    counts = [50, 20, 11, 7, 5, 4, 3]
    _, coverage = pretrained_embedding(VECTORS, Vocabulary(tokens, counts))
    assert (coverage.found, coverage.found_lowercased, coverage.missing) == (2, 2, 3)
    assert coverage.share_of_types == 4 / 7
    assert coverage.share_of_tokens == (50 + 20 + 7 + 5) / 100
    assert str(coverage) == (
        "57.1 % of 7 words (28.6 % in lower case), 82.0 % of the running words (25.0 % in lower "
        "case); 3 words are drawn at random"
    )
    for known in (None, [0] * 7):
        _, coverage = pretrained_embedding(VECTORS, Vocabulary(tokens, known))
        assert coverage.share_of_tokens is None
        assert str(coverage) == (
            "57.1 % of 7 words (28.6 % in lower case); 3 words are drawn at random"
        )


@pytest.mark.parametrize(
    "coverage, line",
    [
        (Coverage(1234, 0, 0, 1.0), "100.0 % of 1,234 words, 100.0 % of the running words; 0 "),
        (
            Coverage(3, 2, 1, 0.9, composed=4, tokens_composed=0.25),
            "90.0 % of 10 words (20.0 % in lower case, 40.0 % composed of n-grams), 90.0 % of the "
            "running words (25.0 % composed of n-grams); 1 word is drawn at random",
        ),
        (Coverage(1, 0, 1), "50.0 % of 2 words; 1 word is drawn at random"),
        (Coverage(1, 0, 1999), "0.1 % of 2,000 words; 1,999 words are drawn at random"),
    ],
)
def test_coverage_is_one_line(coverage, line):
    assert str(coverage).startswith(line)


def test_no_word_at_all_is_an_error(tmp_path):
    write_vectors(tmp_path / "vectors.txt", ["the"], [[1.0]])
    for tokens in (["dog", "bird"], []):
        message = f"at least one of the {len(tokens)} words.*Received: "
        with pytest.raises(ValueError, match=message + "9 words without any"):
            pretrained_embedding(VECTORS, Vocabulary(tokens))
        with pytest.raises(ValueError, match=message + ".*vectors.txt without any"):
            pretrained_embedding(tmp_path / "vectors.txt", Vocabulary(tokens))


def test_wrong_arguments():
    with pytest.raises(ValueError, match="a `kerasrnn.Vocabulary`. Received: 7"):
        pretrained_embedding(VECTORS, 7)
    vectors = WordVectors(["a", "b"], [[1.0], [np.nan]])
    assert pretrained_embedding(vectors, Vocabulary(["a", "c"]))  # what is not used is not asked
    with pytest.raises(ValueError, match="finite numbers"):
        pretrained_embedding(vectors, Vocabulary(["a", "b"]))
    for wrong in (-1, 1.5):
        with pytest.raises(ValueError, match=f"`max_added` to be an integer.*Received: {wrong}"):
            extended_vocabulary(Vocabulary(["a"]), vectors, max_added=wrong)


@pytest.mark.parametrize("max_added", [None, 0, 1, 2, 3, 4, 5, 100])
@pytest.mark.parametrize("counts", [None, [3, 2]])
def test_an_extended_vocabulary_keeps_ids_and_adds_the_first_words(tmp_path, max_added, counts):
    vocabulary = Vocabulary(["Paris", "dog"], counts)
    path = tmp_path / "vectors.txt"
    write_vectors(path, WORDS[:-1], VECTORS.vectors[:-1])
    new = ["the", "paris", "cat", ",", "strasse", "￭;", ";"][:max_added]
    for source in (VECTORS, path):
        extended = extended_vocabulary(vocabulary, source, max_added)
        assert extended.tokens == ("Paris", "dog", *new)
        assert extended.counts == (None if counts is None else (3, 2, *[0] * len(new)))
    layer, coverage = pretrained_embedding(path, extended)
    assert (coverage.found, coverage.missing) == (1 + len(new), 1)
    for word in new:
        np.testing.assert_array_equal(weights_of(layer)[extended.id_of(word)], vector(word))


def model_with(layer, size):
    from kerasrnn import encoder_decoder

    model = encoder_decoder(size, 11, cell="gru", units=3, embedding=(layer, 7))
    model.compile(
        "sgd",
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    return model


@pytest.mark.parametrize("trainable", [False, True])
def test_training_moves_it_only_where_it_may_and_a_file_keeps_it(tmp_path, rng, trainable):
    vocabulary = Vocabulary(["the", "dog", "cat"])
    layer, _ = pretrained_embedding(
        VECTORS, vocabulary, trainable=trainable, name="source_embedding"
    )
    before = weights_of(layer)
    model = model_with(layer, len(vocabulary))
    x = {"source": rng.integers(1, 7, (2, 5)), "target": rng.integers(1, 11, (2, 3))}
    for _ in range(3):
        model.train_on_batch(x, rng.integers(1, 11, (2, 3)))
    after = weights_of(model.get_layer("source_embedding"))
    assert np.array_equal(before, after) is not trainable
    assert ("source_embedding" in {w.path.split("/")[0] for w in model.trainable_weights}) is (
        trainable
    )

    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    layer = reloaded.get_layer("source_embedding")
    assert layer.trainable is trainable and layer.mask_zero
    assert weights_of(layer).tobytes() == after.tobytes()
    np.testing.assert_array_equal(*(keras.ops.convert_to_numpy(m(x)) for m in (model, reloaded)))
