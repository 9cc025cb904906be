"""Models that compute in 16 bits: float32 comes out, near that of the same weights in float32."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from kerasrnn import decoding, models, views
from kerasrnn.layers import Attention, AttentionPooling, InitialState, SequencePooling
from kerasrnn.views.logits import check_loss

B, T, S, V, U = 3, 5, 7, 29, 11
FRAME = (5, 3, 1)
CAPTION = {"encoder": "convolutional", "attention": "general", "input_feeding": True}
MODELS = {
    "step": lambda: models.one_to_one((13,), 3, units=U),
    "caption": lambda: models.one_to_many(FRAME, V, units=U, **CAPTION),
    "class": lambda: models.many_to_one(V, 3, cell="gru", units=U, pooling="attention"),
    "segments": lambda: models.many_to_one((13,), 3, units=U, pooling="mean", segment_length=2),
    "forecast": lambda: models.many_to_one((13,), 3, cell="simple_rnn", units=U),
    "tags": lambda: models.many_to_many(V, 3, units=U, dropout=0.5, characters=V, output="crf"),
    "frames": lambda: models.many_to_many(FRAME, 3, units=U, bidirectional=True),
    "translation": lambda: models.encoder_decoder(
        V, V, cell="gru", units=U, bidirectional=True, attention="additive", output="tied"
    ),
    "dialogue": lambda: models.encoder_decoder(V, V, units=U),
    "text": lambda: models.language_model(V, cell="elman", units=U),
    "adaptive": lambda: models.language_model(V, units=U, output="tied_adaptive"),
    "window": lambda: models.fixed_window_language_model(V, window=3, units=U, output="class"),
    "vectors": lambda: models.cbow(V, window=2, embedding=U),
}
VIEWS = {
    "encode": ("caption", "translation", "dialogue"),
    "step": ("caption", "translation", "text"),
    "attention_scores": ("class", "translation", "caption"),
    "log_probs": ("text", "adaptive", "window"),
    "segment": ("text", "adaptive", "window"),
    "vector": ("class", "segments", "text"),
    "gates": ("class", "dialogue", "forecast"),
}
# A bfloat16 has 8 binary digits: a rounding is at most one in 256, and several follow each other.
TOLERANCE = 0.04


@contextlib.contextmanager
def policy(name):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def both(make, dtype):
    """A model of 16 bits, and that of float32 with the same weights."""
    plain = make()
    with policy(dtype):
        model = make()
    model.set_weights(plain.get_weights())
    return model, plain


def example(model, rng):
    inputs = {}
    for tensor in model.inputs:
        sizes = [B, *(T if size is None else size for size in tensor.shape[1:])]
        if tensor.name == "memory":
            sizes[1] = S
        if "float" in tensor.dtype:
            inputs[tensor.name] = rng.uniform(-1, 1, sizes).astype(tensor.dtype)
        else:
            inputs[tensor.name] = rng.integers(1, V, sizes).astype(tensor.dtype)
            if len(sizes) > 1 and tensor.name not in ("context", "seen"):
                inputs[tensor.name][1, 3:] = 0  # padding
    if "memory_mask" in inputs:
        inputs["memory_mask"] = np.arange(S) < np.array([[S], [2], [1]])
    return inputs if isinstance(model.input, dict) else inputs.popitem()[1]


def assert_near(received, expected):
    received, expected = keras.tree.flatten(received), keras.tree.flatten(expected)
    assert len(received) == len(expected)
    for mine, theirs in zip(received, expected, strict=True):
        assert keras.backend.standardize_dtype(mine.dtype) == theirs.dtype, "16 bits come out"
        np.testing.assert_allclose(mine, theirs, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("kind", MODELS)
def test_float32_comes_out_of_every_factory(kind, rng):
    model, plain = both(MODELS[kind], "mixed_bfloat16")
    assert {weight.dtype for weight in model.weights if "seed" not in weight.path} == {"float32"}
    x = example(model, rng)
    assert_near(model(x), plain(x))
    symbolic = [tensor.dtype for tensor in keras.tree.flatten(model.output)]
    assert symbolic == [tensor.dtype for tensor in keras.tree.flatten(plain.output)]


@pytest.mark.parametrize("view, kind", [(view, kind) for view in VIEWS for kind in VIEWS[view]])
def test_float32_comes_out_of_every_view(view, kind, rng):
    """Views are built where nobody knows of the model's dtype any more, as of a loaded model."""
    model, plain = (getattr(views, view)(each) for each in both(MODELS[kind], "mixed_bfloat16"))
    x = example(plain, rng)
    assert {tensor.dtype for tensor in model.inputs} == {tensor.dtype for tensor in plain.inputs}
    assert_near(model(x), plain(x))


@pytest.mark.parametrize("kind", ["text", "translation", "tags", "class"])
def test_float16_has_room_for_masks_and_losses(kind, rng):
    model, plain = both(MODELS[kind], "mixed_float16")
    x = example(model, rng)
    assert_near(model(x), plain(x))


def test_a_model_of_float32_is_what_it_was_and_one_of_float64_stays_so():
    names = {layer.name for layer in MODELS["dialogue"]().layers}
    embeddings = {"source_embedding", "target_embedding"}
    assert names == {"source", "target", *embeddings, "encoder", "decoder", "output"}
    with policy("float64"):
        model = models.many_to_many(V, 3, units=U)
    assert model.output.dtype == "float64" and model.layers[-1].name == "output"


@pytest.mark.parametrize("kind", ["text", "frames"])
def test_the_mask_reaches_the_loss(kind, rng):
    """Stock `fit` without sample weights counts what Keras' mask leaves."""
    model, plain = both(MODELS[kind], "mixed_bfloat16")
    x, y = example(model, rng), rng.integers(0, 3, (B, T))
    losses = []
    for each in (model, plain):
        loss = keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"
        )
        each.compile("sgd", loss, run_eagerly=True)
        losses.append(each.test_on_batch(x, y))
        other = np.where(np.arange(T) < [[T], [3], [T]], y, 1 - y % 2)
        assert each.test_on_batch(x, other) == losses[-1]  # labels of padding mean nothing
    assert losses[0] == pytest.approx(losses[1], rel=TOLERANCE)


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("kind", ["translation", "caption"])
def test_decodes_in_a_graph(kind, width, rng):
    """A loop takes states of one dtype alone. Where answers nearly tie, processors differ."""
    model, plain = both(MODELS[kind], "mixed_bfloat16")
    weights = [3 * weight for weight in plain.get_weights()]
    source, found = None, []
    for each in (model, plain):
        each.set_weights(weights)
        encode, step = views.encode(each), views.step(each)
        source = example(encode, rng) if source is None else source

        @tf.function(autograph=False)
        def search(source, encode=encode, step=step):
            made = decoding.step_function(step, encode(source), copies=width, coverage=True)
            options = {"width": width, "coverage_penalty": 0.2, "max_length": 5}
            return decoding.beam_search(*made, **options)

        found.append(search(tf.constant(source)))
    np.testing.assert_array_equal(found[0]["ids"][:, 0, 0], found[1]["ids"][:, 0, 0])
    assert_near(found[0]["log_prob"][:, 0] / 5, found[1]["log_prob"][:, 0] / 5)


@pytest.mark.parametrize("kind", ["text", "adaptive"])
def test_a_stream_carries_float32(kind, rng):
    model, plain = both(MODELS[kind], "mixed_bfloat16")
    twins = [views.stream(each, B) for each in (model, plain)]
    first, second = example(plain, rng), example(plain, rng)
    for x in (first, second):
        assert_near(*[twin(x) for twin in twins])
    carried = [twin.get_layer("stream").states for twin in twins]
    assert_near([state.value for state in carried[0]], [state.value for state in carried[1]])
    states = [views.initial_states(each, B) for each in (model, plain)]
    assert_near(*states)


def test_a_loss_of_probabilities_is_refused_behind_float32():
    with policy("mixed_bfloat16"):
        model = MODELS["text"]()
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="from_logits=True"):
        check_loss(model)


def test_how_far_back_a_gradient_reaches(rng):
    make = lambda: models.language_model(V, units=U)  # noqa: E731
    ids = rng.integers(4, V, (B, T))
    norms = [views.gradient_norms(each, ids, ids) for each in both(make, "mixed_bfloat16")]
    np.testing.assert_allclose(norms[0], norms[1], rtol=0.1)


@pytest.mark.parametrize("kind", ["translation", "tags"])
def test_a_reloaded_model_is_bit_equal(kind, rng, tmp_path):
    model, _ = both(MODELS[kind], "mixed_bfloat16")
    model.save(tmp_path / "model.keras")
    copy, x = keras.models.load_model(tmp_path / "model.keras"), example(model, rng)
    np.testing.assert_array_equal(copy(x), model(x))
    copied, own = ({layer.name: layer for layer in each.layers} for each in (copy, model))
    assert own.keys() == copied.keys()
    with_weights = [name for name, layer in own.items() if layer.weights]
    assert {copied[name].dtype_policy.name for name in with_weights} >= {"mixed_bfloat16"}


def test_sums_over_many_steps_do_not_stand_still():
    """257 has more digits than a bfloat16; a sum in it ends at 256."""
    long, dtype = 1031, "mixed_bfloat16"
    ones = ops.ones((1, long, 2), "bfloat16")
    _, scores = Attention("dot", dtype=dtype)(ones[:, :1], ones, return_attention_scores=True)
    np.testing.assert_allclose(ops.sum(scores, -1), 1, rtol=1e-5)
    pooled, weights = AttentionPooling(dtype=dtype)(ones)
    np.testing.assert_allclose(ops.sum(weights, -1), 1, rtol=1e-5)
    for mean in (pooled, SequencePooling("mean", dtype=dtype)(ones)):
        np.testing.assert_allclose(ops.cast(mean, "float32"), 1)
    state = InitialState([1], dtype=dtype)
    state.build((1, long, 2))
    state.set_weights([np.array([[0.25], [0.25]]), np.zeros(1)])
    (found,) = state(ones)
    np.testing.assert_allclose(ops.cast(found, "float32"), np.tanh(0.5), rtol=1 / 256)


def test_the_product_with_tied_weights_is_of_16_bits():
    """An embedding does not cast its weights, and a product with float32 is in float32."""
    with policy("mixed_bfloat16"):
        layer = models.language_model(V, units=U, output="tied").get_layer("token_embedding")
    assert layer(ops.ones((1, U), "bfloat16"), reverse=True).dtype == "bfloat16"
