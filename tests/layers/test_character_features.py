"""Features from the letters of words, against NumPy."""

import keras
import numpy as np

from kerasrnn.layers import CharacterFeatures

B, T, W, V, E, F, WIDTH = 2, 5, 7, 11, 3, 13, 3


def make():
    layer = CharacterFeatures(V, embedding=E, filters=F, width=WIDTH, name="character_features")
    layer.build((B, T, W))
    rng = np.random.default_rng(3)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return layer


def words(rng):
    """Ids of letters; some words are short, one has no letter at all."""
    characters = rng.integers(1, V, (B, T, W))
    characters[0, 1, 4:] = characters[1, 2, 1:] = characters[1, 4] = 0
    return characters


def features(layer, word):
    """Ma and Hovy (2016): the greatest value of each filter, over all places of the word."""
    vectors, kernel, bias = layer.get_weights()
    letters = vectors[word[word > 0]]
    if not len(letters):
        return np.zeros(F)
    around = np.pad(letters, ((WIDTH // 2, WIDTH // 2), (0, 0)))
    windows = [around[i : i + WIDTH] for i in range(len(letters))]
    return np.tanh(np.max([np.einsum("we,wef->f", w, kernel) + bias for w in windows], axis=0))


def test_against_numpy(rng):
    layer, characters = make(), words(rng)
    expected = [[features(layer, word) for word in row] for row in characters]
    received = layer(characters)
    assert received.shape == (B, T, F)
    np.testing.assert_allclose(received, expected, atol=1e-5)


def test_padding_of_words_and_letters_changes_nothing(rng):
    layer, characters = make(), words(rng)
    wide = layer(np.pad(characters, ((0, 0), (0, 2), (0, 4)))).numpy()
    np.testing.assert_allclose(wide[:, :T], layer(characters), atol=1e-6)
    assert not wide[:, T:].any()


def test_words_without_letters_are_masked(rng):
    layer, characters = make(), words(rng)
    expected = np.ones((B, T), bool)
    expected[1, 4] = False
    assert np.array_equal(layer.compute_mask(characters), expected)


def test_config_survives():
    config = CharacterFeatures(V, E, F, WIDTH, name="x").get_config()
    assert CharacterFeatures.from_config(config).get_config() == config
    names = ("vocabulary_size", "embedding", "filters", "width")
    assert [config[name] for name in names] == [V, E, F, WIDTH]
    assert keras.saving.get_registered_name(CharacterFeatures) == "kerasrnn>CharacterFeatures"
