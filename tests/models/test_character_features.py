"""How much of a word's letters a tagger reads."""

import pytest

from kerasrnn import many_to_many
from kerasrnn.models import Characters

CHARACTERS, VECTORS = 11, 25


def test_filters_and_width():
    sizes = {"units": 5, "embedding": 7, "characters": CHARACTERS}
    model = many_to_many(13, 3, character_filters=17, character_width=2, **sizes)
    layer = model.get_layer("character_features")
    assert layer.count_params() == CHARACTERS * VECTORS + 2 * VECTORS * 17 + 17
    assert model.get_layer("word_vectors").output.shape[-1] == 7 + 17
    default = many_to_many(13, 3, **sizes).get_layer("character_features")
    assert (default.filters, default.width) == (30, 3)


@pytest.mark.parametrize(
    "letters",
    [
        {"characters": Characters(CHARACTERS, filters=17, width=2)},
        {"characters": CHARACTERS, "character_filters": 17, "character_width": 2},
    ],
)
def test_one_object_or_three_numbers(letters):
    layer = many_to_many(13, 3, units=5, **letters).get_layer("character_features")
    assert (layer.vocabulary_size, layer.filters, layer.width) == (CHARACTERS, 17, 2)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Characters(3), "`vocabulary_size` to be an integer above 4"),
        (lambda: Characters(11, filters=0), "`filters`"),
        (lambda: Characters(11, width=-1), "`width`"),
        (
            lambda: many_to_many(13, 3, characters=Characters(11), character_width=5),
            "in `characters` alone. Received: Characters.* and character_width=5",
        ),
        (
            lambda: many_to_many((7,), 3, characters=Characters(11)),
            "token ids where `characters` are read. Received: characters=11",
        ),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
