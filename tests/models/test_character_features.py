"""How much of a word's letters a tagger reads."""

from kerasrnn import many_to_many

CHARACTERS, VECTORS = 11, 25


def test_filters_and_width():
    sizes = {"units": 5, "embedding": 7, "characters": CHARACTERS}
    model = many_to_many(13, 3, character_filters=17, character_width=2, **sizes)
    layer = model.get_layer("character_features")
    assert layer.count_params() == CHARACTERS * VECTORS + 2 * VECTORS * 17 + 17
    assert model.get_layer("word_vectors").output.shape[-1] == 7 + 17
    default = many_to_many(13, 3, **sizes).get_layer("character_features")
    assert (default.filters, default.width) == (30, 3)
