"""What `fit` cannot check."""

import keras
import numpy as np
import pytest

from kerasrnn import (
    cbow,
    encoder_decoder,
    language_model,
    many_to_many,
    many_to_one,
    one_to_many,
)
from kerasrnn.checks import UserError
from kerasrnn.datasets import validate


@pytest.fixture(scope="module")
def model():
    return encoder_decoder(11, 13, units=2, embedding=3)


def good():
    x = {
        "source": np.array([[5, 6, 0], [10, 4, 7]]),
        "target": np.array([[2, 4, 5, 0, 0], [2, 4, 12, 6, 7]]),
    }
    y = np.array([[4, 5, 3, 0, 0], [4, 12, 6, 7, 3]])
    return x, y, (y != 0).astype("float32")


def test_a_good_batch_passes(model):
    validate(model, *good())
    x, y, _ = good()
    validate(model, x, y, np.ones(2))


def broken(change):
    x, y, weights = good()
    return change(x, y, weights) or (x, y, weights)


BREAKAGES = {
    "left padding": (
        lambda x, y, w: x["source"].__setitem__((0, 0), 0),
        "`source` to be padded on the right only.*row 0",
    ),
    "hole": (lambda x, y, w: x["target"].__setitem__((1, 2), 0), "row 1"),
    "empty row": (lambda x, y, w: x["source"].__setitem__(0, 0), "one step.*row 0"),
    "id too large": (
        lambda x, y, w: x["source"].__setitem__((1, 0), 11),
        "ids of `source` from 0 to 10. Received: 0 to 11",
    ),
    "negative id": (lambda x, y, w: x["target"].__setitem__((1, 1), -1), "Received: -1 to"),
    "label too large": (lambda x, y, w: y.__setitem__((1, 1), 13), "from 0 to 12. Received: 0 to"),
    "missing input": (lambda x, y, w: x.pop("target") is None, "Expected the inputs"),
    "float ids": (
        lambda x, y, w: x.__setitem__("source", x["source"] * 1.0),
        r"integer ids \(B, T\)",
    ),
    "flat ids": (lambda x, y, w: x.__setitem__("source", x["source"][0]), r"integer ids \(B, T\)"),
    "label shape": (lambda x, y, w: (x, y[:, :3], w[:, :3]), r"\(2, 5\). Received: \(2, 3\)"),
    "weight shape": (lambda x, y, w: (x, y, w[:, :3]), r"Received: \(2, 3\)"),
}


@pytest.mark.parametrize("change, message", BREAKAGES.values(), ids=BREAKAGES)
def test_a_bad_batch_is_named(model, change, message):
    with pytest.raises(ValueError, match=message):
        validate(model, *broken(change))


def frames():
    features = np.ones((2, 3, 5), "float32")
    mask = np.array([[True, True, False], [True, True, True]])
    return {"features": features, "mask": mask}, np.array([[1, 0, 0], [2, 1, 0]])


FRAME_BREAKAGES = {
    "left padding": (lambda x, y: x["mask"].__setitem__((0, 0), False), "`mask` to be padded on"),
    "empty row": (lambda x, y: x["mask"].__setitem__(1, False), "one step.*`mask`.* row 1"),
    "numbers": (lambda x, y: x.__setitem__("mask", x["mask"] * 1.0), "Expected a bool `mask`"),
    "another length": (lambda x, y: x.__setitem__("mask", x["mask"][:, :2]), r"shape \(2, 3\)"),
    "another size": (
        lambda x, y: x.__setitem__("features", x["features"][..., :4]),
        r"`features` of the shape \(None, None, 5\). Received: \(2, 3, 4\)",
    ),
    "flat": (lambda x, y: x.__setitem__("features", x["features"][0]), r"Received: \(3, 5\)"),
    "not a number": (lambda x, y: x["features"].__setitem__((0, 0, 0), np.nan), "NaN"),
    "label": (lambda x, y: y.__setitem__((0, 0), 3), "from 0 to 2. Received: 0 to 3"),
    "no mask": (lambda x, y: x.pop("mask") is None, "Expected the inputs"),
}


@pytest.mark.parametrize("change, message", FRAME_BREAKAGES.values(), ids=FRAME_BREAKAGES)
@pytest.mark.parametrize("output", ["softmax", "crf"])
def test_frames_with_a_mask(change, message, output):
    model = many_to_many((5,), 3, units=2, output=output)
    x, y = frames()
    validate(model, x, y, x["mask"].astype("float32"))
    change(x, y)
    with pytest.raises(ValueError, match=message):
        validate(model, x, y)


def test_one_answer_a_row():
    ids = np.array([[4, 5, 0], [6, 0, 0]])
    model = many_to_one(7, 3, units=2)
    validate(model, ids, np.array([0, 2]))
    validate(model, ids, np.ones((2, 3)))  # several labels at once
    validate(many_to_one(7, 1, units=2), ids, np.array([0.5, 1.5]))  # a regression
    for y, message in [
        (np.array([0, 3]), "from 0 to 2. Received: 0 to 3"),
        (np.array([0]), r"\(2,\). Received: \(1,\)"),
        (np.ones((2, 2)), r"\(2, 3\). Received: \(2, 2\)"),
        (np.full((2, 3), np.inf), "finite"),
    ]:
        with pytest.raises(ValueError, match=message):
            validate(model, ids, y)


def test_other_inputs():
    ids = np.array([[4, 5, 0], [6, 0, 0]])
    words = np.ones((2, 3, 2), int) * 4
    model = many_to_many(7, 3, units=2, characters=5)
    validate(model, {"tokens": ids, "characters": words}, ids * 0)
    with pytest.raises(ValueError, match="ids of `characters` from 0 to 4. Received: 4 to 5"):
        validate(model, {"tokens": ids, "characters": words + [[[0, 1]]]}, ids * 0)
    with pytest.raises(ValueError, match=r"`characters` \(B, T, W\).*Received: \(2, 2, 2\)"):
        validate(model, {"tokens": ids, "characters": words[:, :2]}, ids * 0)
    validate(cbow(7, window=1, embedding=2), np.array([[0, 4], [5, 0]]), np.array([4, 6]))
    targets = {"tokens": ids, "targets": ids}
    validate(language_model(7, units=2, output="class"), targets, ids)
    with pytest.raises(ValueError, match="ids of `targets` from 0 to 6. Received: 1 to 7"):
        validate(
            language_model(7, units=2, output="class"), {"tokens": ids, "targets": ids + 1}, ids
        )
    image = {"features": np.ones((2, 5)), "target": ids}
    validate(one_to_many((5,), 7, units=2), image, ids)


def compiled(activation, outputs, loss):
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    vectors = keras.layers.Embedding(11, 3, mask_zero=True, name="token_embedding")(tokens)
    hidden = keras.layers.GlobalAveragePooling1D()(vectors)
    model = keras.Model(tokens, keras.layers.Dense(outputs, activation, name="output")(hidden))
    model.compile("sgd", loss)
    return model


def categorical(from_logits):
    return keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)


def binary(from_logits):
    return keras.losses.BinaryCrossentropy(from_logits=from_logits, name="mine")


OF_PROBABILITIES = "from_logits=True.*Received: .* of probabilities over an output layer without"
OF_LOGITS = "from_logits=False.*Received: .* of logits over a "
LOSSES = {
    "logits": (None, 3, categorical(True), None),
    "probabilities": ("softmax", 3, categorical(False), None),
    "name of probabilities": ("softmax", 3, "sparse_categorical_crossentropy", None),
    "regression": (None, 3, "mse", None),
    "over logits": (None, 3, categorical(False), OF_PROBABILITIES),
    "name over logits": (None, 3, "sparse_categorical_crossentropy", OF_PROBABILITIES),
    "function over logits": (
        *(None, 3, keras.losses.sparse_categorical_crossentropy, OF_PROBABILITIES),
    ),
    "list over logits": (None, 3, ["sparse_categorical_crossentropy"], OF_PROBABILITIES),
    "over probabilities": ("softmax", 3, categorical(True), OF_LOGITS + "'softmax'"),
    "one output": ("sigmoid", 1, binary(False), None),
    "short name over logits": (None, 1, "bce", OF_PROBABILITIES),
    "logits over one output": ("sigmoid", 1, binary(True), OF_LOGITS + "'sigmoid'"),
    "several over probabilities": ("sigmoid", 3, binary(True), OF_LOGITS + "'sigmoid'"),
    "one of several": ("sigmoid", 3, categorical(False), "binary cross-entropy for a sigmoid"),
}


@pytest.mark.parametrize("activation, outputs, loss, message", LOSSES.values(), ids=LOSSES)
def test_a_loss_and_the_outputs_are_of_one_kind(activation, outputs, loss, message):
    model = compiled(activation, outputs, loss)
    batch = np.array([[5, 6], [7, 0]]), np.array([0, 0])
    if message is None:
        validate(model, *batch)
    else:
        with pytest.raises(UserError, match=message):
            validate(model, *batch)


@pytest.mark.parametrize("activation, from_logits", [("sigmoid", False), (None, True)])
def test_several_labels_at_once(activation, from_logits):
    model, x = compiled(activation, 3, binary(from_logits)), np.array([[5, 6], [7, 0]])
    for kind in ("int32", "float32"):
        validate(model, x, np.array([[0, 1, 1], [0, 0, 0]], kind))
    with pytest.raises(UserError, match=r"labels of the shape \(2, 3\). Received: \(2,\)"):
        validate(model, x, np.array([0, 2]))
    with pytest.raises(UserError, match="labels from 0 to 1. Received: 0 to 2"):
        validate(model, x, np.array([[0, 2, 1], [0, 0, 0]]))
