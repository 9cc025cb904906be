"""Four characters: after the same l comes an l or an o, which only the state can tell."""

import keras
import numpy as np
import pytest

from kerasrnn import many_to_many, one_to_one, views

CHARACTERS = "helo"
ONE_HOT = np.eye(4, dtype="float32")


def encode(text):
    return [CHARACTERS.index(character) for character in text]


@pytest.fixture(scope="module")
def model():
    """Trained on the one sequence h → e, e → l, l → l, l → o."""
    keras.utils.set_random_seed(1)
    model = many_to_many((4,), 4, cell="simple_rnn", units=5)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss)
    x = {"features": ONE_HOT[encode("hell")], "mask": np.ones(4, bool)}
    batch = {name: np.repeat(array[None], 64, axis=0) for name, array in x.items()}
    model.fit(batch, np.repeat([encode("ello")], 64, axis=0), batch_size=1, verbose=0)
    return model


def spell(step, states, keep_state):
    """Begins with h; each answer goes in at the next step. Returns the word and the logits."""
    word, logits = "h", []
    for _ in range(4):
        features = keras.ops.convert_to_tensor(ONE_HOT[encode(word[-1])])
        outputs = step({"features": features, **states})
        if keep_state:
            states = {name: outputs[name] for name in states}
        logits.append(outputs["logits"].numpy()[0])
        word += CHARACTERS[int(logits[-1].argmax())]
    return word, logits


def test_with_its_state_it_spells_hello(model):
    word, _ = spell(views.step(model), views.initial_states(model, 1), keep_state=True)
    assert word == "hello"


def test_one_to_one_with_its_weights_spells_hello(model):
    step = one_to_one((4,), 4, cell="simple_rnn", units=5)
    step.set_weights(model.get_weights())
    word, _ = spell(step, views.initial_states(step, 1), keep_state=True)
    assert word == "hello"


def test_without_its_state_it_cannot(model):
    """Both times it sees an l it gives the same answer, so that one of l and o is wrong."""
    step, states = views.step(model), views.initial_states(model, 1)
    word, _ = spell(step, states, keep_state=False)
    assert word != "hello"
    features = keras.ops.convert_to_tensor(ONE_HOT[encode("l")])
    with_state = [step({"features": features, **states})["logits"] for _ in range(2)]
    assert np.array_equal(*with_state)


def test_the_state_is_what_tells_both_apart(model):
    _, logits = spell(views.step(model), views.initial_states(model, 1), keep_state=True)
    assert not np.allclose(logits[2], logits[3], atol=1)
