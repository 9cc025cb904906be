"""A captioner from images to text: inputs of every form, starts, saving, export."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import Captioner, datasets, export, one_to_many, views
from kerasrnn.datasets.readers.image_decoding import encode_png, read_image

SHAPE = (8, 7, 1)
NAMES = {"de": ["null", "eins"], "fr": ["zéro", "un"]}


@pytest.fixture(scope="module")
def raw():
    """Dark images are 0 and bright ones 1, in two languages."""
    rng = np.random.default_rng(3)
    images = [rng.integers(0, 100, SHAPE, "uint8") + 150 * (i // 2 % 2) for i in range(12)]
    starts = ["de", "fr"] * 6
    texts = [NAMES[start][i // 2 % 2] for i, start in enumerate(starts)]
    return tf.data.Dataset.from_tensor_slices((np.array(images, "uint8"), starts, texts))


def captioner(raw, attention="additive", starts=True):
    if not starts:
        raw = raw.map(lambda image, start, text: (image, "", text))
    tokenizer, starts = datasets.caption_tokenizer(raw)
    model = one_to_many(
        SHAPE,
        len(tokenizer.vocabulary),
        cell="gru",
        units=11,
        embedding=5,
        attention=attention,
        encoder="convolutional",
    )
    return Captioner(model, tokenizer, starts, max_length=13)


@pytest.fixture(scope="module")
def trained(raw):
    keras.utils.set_random_seed(1)
    task = captioner(raw)
    task.model.compile(
        keras.optimizers.Adam(0.01),
        keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"
        ),
    )
    batches = datasets.captioned_image_examples(raw, task.tokenizer, task.starts).batches(12)
    task.model.fit(batches.repeat(), steps_per_epoch=300, verbose=0, shuffle=False)
    return task


def test_batches_begin_with_the_start(raw):
    tokenizer, starts = datasets.caption_tokenizer(raw)
    assert starts == ("de", "fr") and tokenizer.vocabulary.tokens[:2] == ("<de>", "<fr>")
    ((x, y, weights),) = datasets.captioned_image_examples(raw, tokenizer, starts).batches(12)
    assert x["features"].shape == (12, *SHAPE) and 0 <= np.min(x["features"]) < 1
    assert x["target"][:2, 0].numpy().tolist() == [4, 5]
    np.testing.assert_array_equal(x["target"][:, 1:][y[:, 1:] != 0], y[:, :-1][y[:, 1:] != 0])
    np.testing.assert_array_equal(weights, y != 0)
    texts = [text.decode() for _, _, text in raw.as_numpy_iterator()]
    assert [text.decode() for text in tokenizer.decode(y).numpy()] == texts


def test_the_start_decides_the_language(trained, raw):
    images = [image for image, _, _ in raw.as_numpy_iterator()]
    assert trained.predict([(images[0], "de"), (images[0], "fr")]) == ["null", "zéro"]
    assert trained.predict([(images[2], "de"), (images[2], "fr")]) == ["eins", "un"]
    figures = trained.evaluate(raw)
    assert figures["exact_match"] == 1 and figures["examples"] == 12
    assert figures["chrf"] == pytest.approx(100) and "chrf_signature" in figures
    (caption,) = trained.caption([(images[0], "fr")])
    assert caption.tokens == ["z", "é", "r", "o", "<end>"]
    np.testing.assert_allclose(caption.attention.sum(-1), 1, rtol=1e-5)
    # The score is the sum of the log-probabilities under teacher forcing.
    ids = [trained.tokenizer.vocabulary.id_of(token) for token in caption.tokens[:-1]] + [3]
    target = np.array([[5, *ids[:-1]]])
    features = images[0][np.newaxis].astype("float32") / 255
    logits = trained.model({"features": features, "target": target})[0]
    log_probs = np.asarray(keras.ops.log_softmax(logits))
    assert caption.log_prob == pytest.approx(log_probs[range(5), ids].sum(), rel=1e-4)
    attended = views.attention_scores(trained.model)({"features": features, "target": target})
    np.testing.assert_allclose(caption.attention, attended[0], atol=1e-5)


def test_an_image_in_every_form(trained, raw, tmp_path):
    image = next(raw.as_numpy_iterator())[0]
    path = tmp_path / "image.png"
    path.write_bytes(encode_png(image))
    forms = [image, image[..., 0], path.read_bytes(), path, str(path)]
    captions = trained.caption([(form, "de") for form in forms])
    assert len({round(caption.log_prob, 4) for caption in captions}) == 1
    assert trained.parse_lines([f"{path}\tde", "image.png\tfr"], tmp_path) == [
        (path, "de"),
        (path, "fr"),
    ]
    big = np.repeat(np.repeat(image, 3, 0), 3, 1)
    (tmp_path / "big.png").write_bytes(encode_png(big))
    np.testing.assert_array_equal(read_image(tmp_path / "big.png", SHAPE), image)


def test_wrong_inputs(trained, tmp_path):
    image = np.zeros(SHAPE, "uint8")
    (tmp_path / "text.png").write_text("no image")
    for wrong, message in [
        ((image, "it"), "one of .*'fr'.* Received: start 'it'"),
        (image, "Received: start None"),
        ((image[:5], "de"), r"uint8 \(8, 7, 1\).* Received: uint8 \(5, 7, 1\)"),
        ((image * 1.0, "de"), "Received: float64"),
        ((b"no image", "de"), "bytes of an image"),
        ((tmp_path / "text.png", "de"), "text.png: expected an image"),
        (("nowhere.png", "de"), "'nowhere.png', which is not there"),
    ]:
        with pytest.raises(ValueError, match=message):
            trained.predict([wrong])
    with pytest.raises(ValueError, match="vocabulary that begins with <de>, <it>"):
        Captioner(trained.model, trained.tokenizer, ["de", "it"])


@pytest.mark.slow
def test_save_load_and_export(trained, raw, tmp_path):
    pairs = [(image, start.decode()) for image, start, _ in raw.take(5).as_numpy_iterator()]
    trained.save(tmp_path / "run")
    other = kerasrnn.load(tmp_path / "run")
    expected = trained.caption(pairs)
    for one, two in zip(expected, other.caption(pairs), strict=True):
        assert (one.text, one.log_prob) == (two.text, two.log_prob)
    folder = other.export(tmp_path / "saved", pairs, signatures=())
    served = other.served_inputs(pairs)
    assert export.run_elsewhere(folder, served) == [each.text for each in expected]
    outputs = tf.saved_model.load(folder).signatures["serving_default"](
        **{name: export.as_strings(values) for name, values in served.items()}
    )
    np.testing.assert_allclose(outputs["log_prob"], [each.log_prob for each in expected], rtol=1e-4)
    assert set(outputs) == {"text", "log_prob", "score", "tokens", "length", "attention"}


@pytest.mark.slow
def test_without_starts_and_attention(raw, tmp_path):
    task = captioner(raw, attention=None, starts=False)
    image = np.zeros(SHAPE, "uint8")
    (caption,) = task.caption([image])
    assert task.starts == () and caption.attention is None
    signature = tf.saved_model.load(task.export(tmp_path, signatures=())).signatures[
        "serving_default"
    ]
    assert set(signature.structured_input_signature[1]) == {"image_bytes"}
    with pytest.raises(ValueError, match="images only"):
        task.predict([(image, "de")])
