"""Every task and signature on every kind of input: the export says what Python says."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import Tokenizer, Vocabulary, export, models
from kerasrnn.datasets import VectorScale, WindowScale
from kerasrnn.datasets.loaders.caption_examples import start_token
from kerasrnn.datasets.readers.image_decoding import encode_png
from kerasrnn.tasks.tag.signatures import as_tokens

LABELS = ["O", "B-A", "I-A", "B-B", "I-B"]
UNITS = 3


def translator():
    source, target = Tokenizer(Vocabulary("abc ")), Tokenizer(Vocabulary("0123456"))
    sizes = len(source.vocabulary), len(target.vocabulary)
    model = models.encoder_decoder(
        *sizes, units=UNITS, cell="gru", attention="dot", bidirectional=True
    )
    search = kerasrnn.decoding.Search(beam_width=2, replace_unknown=True, coverage_penalty=0.1)
    return kerasrnn.Translator(model, source, target, max_length=11, search=search)


def word_translator():
    source, target = (Tokenizer(Vocabulary(["a", "b", "cat", "."]), "word") for _ in range(2))
    sizes = len(source.vocabulary), len(target.vocabulary)
    model = models.encoder_decoder(*sizes, units=UNITS, cell="lstm", num_layers=2)
    return kerasrnn.Translator(model, source, target, max_length=11)


def classifier():
    tokenizer = Tokenizer(Vocabulary("abc"))
    model = models.many_to_one(len(tokenizer.vocabulary), 5, units=UNITS, pooling="attention")
    return kerasrnn.Classifier(model, tokenizer, list("vwxyz"))


def pair_classifier():
    tokenizer = Tokenizer(Vocabulary("abc"))
    model = models.siamese(len(tokenizer.vocabulary), 5, units=UNITS, bidirectional=True)
    return kerasrnn.PairClassifier(model, tokenizer, list("vwxyz"), max_length=97)


def tagger():
    words = Tokenizer(Vocabulary(["a", "b", "cat"]), "whitespace")
    letters = Tokenizer(Vocabulary("abct"))
    sizes = len(words.vocabulary), len(LABELS)
    options = {"characters": len(letters.vocabulary), "output": "crf", "bidirectional": True}
    model = models.many_to_many(*sizes, units=UNITS, **options)
    return kerasrnn.Tagger(model, words, LABELS, letters)


def language_model():
    tokenizer = Tokenizer(Vocabulary("abc "))
    model = models.language_model(len(tokenizer.vocabulary), units=UNITS, num_layers=2)
    return kerasrnn.LanguageModel(model, tokenizer, max_length=11)


def window_model():
    tokenizer = Tokenizer(Vocabulary("abc "))
    model = models.fixed_window_language_model(len(tokenizer.vocabulary), units=UNITS, window=3)
    return kerasrnn.LanguageModel(model, tokenizer, max_length=11)


def captioner():
    starts = ["en", "de"]
    tokenizer = Tokenizer(Vocabulary([*map(start_token, starts), *"abc"]))
    model = models.one_to_many(
        (8, 8, 1), len(tokenizer.vocabulary), units=UNITS, attention="dot", encoder="convolutional"
    )
    return kerasrnn.Captioner(model, tokenizer, starts, max_length=11)


def frame_labeler():
    model = models.many_to_many((8, 8, 1), 2, units=UNITS, encoder="convolutional")
    return kerasrnn.FrameLabeler(model, ["off", "on"])


def forecaster():
    model = models.many_to_one((2,), 2, units=UNITS)
    scale = WindowScale("last", (0.5, 1.0), (2.0, 3.0))
    return kerasrnn.Forecaster(
        model, columns=["x", "y"], targets=["y"], window=5, horizon=2, scale=scale
    )


def multi_label_classifier():
    tokenizer = Tokenizer(Vocabulary("abc "))
    model = models.many_to_one(len(tokenizer.vocabulary), 3, units=UNITS, pooling="attention")
    return kerasrnn.MultiLabelClassifier(model, tokenizer, list("xyz"))


def regressor():
    tokenizer = Tokenizer(Vocabulary("abc "))
    model = models.many_to_one(len(tokenizer.vocabulary), 2, units=UNITS, pooling="attention")
    scale = kerasrnn.metrics.TargetScale.fit([[1.0, 2.0], [3.0, 5.0]], ["x", "z"])
    return kerasrnn.Regressor(model, tokenizer, scale)


def vector_regressor():
    model = models.many_to_one((2,), 2, units=UNITS, pooling="attention", bidirectional=True)
    targets = kerasrnn.metrics.TargetScale.fit([[1.0, 2.0], [3.0, 5.0]], ["x", "z"])
    return kerasrnn.VectorRegressor(model, VectorScale((0.5, 1.0), (2.0, 3.0)), targets)


def vector_labeler():
    model = models.many_to_many((2,), 3, units=UNITS, bidirectional=True)
    return kerasrnn.VectorLabeler(model, list("xyz"), VectorScale((0.5, 1.0), (2.0, 3.0)))


def vector_classifier():
    model = models.many_to_one((2,), 3, units=UNITS, pooling="attention", bidirectional=True)
    return kerasrnn.VectorClassifier(model, list("xyz"), VectorScale((0.5, 1.0), (2.0, 3.0)))


TASKS = {
    make.__name__: make
    for make in (
        translator,
        word_translator,
        classifier,
        pair_classifier,
        tagger,
        language_model,
        window_model,
        captioner,
        frame_labeler,
        vector_labeler,
        forecaster,
        multi_label_classifier,
        regressor,
        vector_regressor,
        vector_classifier,
    )
}

RNG = np.random.default_rng(1)
TEXTS = {
    "one": ["cab a cat"],
    "seven": ["a", "b a", "", "cat cab", "c" * 29, "שלום 😀 a", "a\tb\n c"],
    "empty": [""],
    "long": ["abc a" * 1000],
    "not UTF-8": [b"a\xff\xfe b", b"\xc3"],
}
IMAGES = {
    name: [encode_png(RNG.integers(0, 255, (8, 8, 1)).astype("uint8")) for _ in range(number)]
    for name, number in (("one", 1), ("seven", 7))
}
IMAGES |= {"empty": [b""], "long": [b"abc a" * 1000], "not an image": [b"\xff\xfe"]}
FILMS = {"one": [IMAGES["seven"]], "seven": [IMAGES["seven"][: n % 5 + 1] for n in range(7)]}
FILMS |= {"empty": [[b""]], "not an image": [[b"\xff", IMAGES["one"][0]]]}
WINDOWS = {name: RNG.normal(size=(n, 5, 2)).tolist() for name, n in (("one", 1), ("seven", 7))}
WINDOWS |= {"not finite": np.full((1, 5, 2), np.nan).tolist()}

EXTRA = {  # a value for row i
    "prefix": lambda i: ["1", "cat", "?"][i % 3],
    "answer": lambda i: ["1 2", "", "cat ?"][i % 3],
    "seed": lambda i: i * 7 - 3,
    "temperature": lambda i: [0.0, 1.0, 0.5][i % 3],
    "top_k": lambda i: [0, 3, 1][i % 3],
    "top_p": lambda i: [1.0, 0.5, 0.9][i % 3],
    "max_length": lambda i: [11, 3, 0, 999][i % 4],
    "start": lambda i: ["en", "de", "??"][i % 3],
    "token_ids": lambda i: i % 7,
    "length": lambda i: i % 3,
}


# One task for every run, all of them where there is time.
QUICK = ["classifier"]
SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in TASKS if name not in QUICK]


@pytest.fixture(scope="module", params=QUICK + SLOW)
def exported(request, tmp_path_factory):
    """A task with random weights, its export, and the folder."""
    keras.utils.set_random_seed(1)
    task = TASKS[request.param]()
    rng = np.random.default_rng(1)
    task.model.set_weights([rng.normal(size=w.shape) for w in task.model.get_weights()])
    folder = task.export(tmp_path_factory.mktemp("export"))
    return task, tf.saved_model.load(folder).signatures, folder


def column(spec, kind):
    """Inputs of one kind for an input of a signature, or `None` where it has no such kind."""
    if spec.name == "first":
        return TEXTS.get(kind)
    if spec.name == "second":
        return TEXTS[kind][::-1] if kind in TEXTS else None
    inputs = {"text": TEXTS, "image_bytes": IMAGES, "frames_bytes": FILMS, "window": WINDOWS}
    inputs["features"] = WINDOWS
    if spec.name in inputs:
        return inputs[spec.name].get(kind)
    return None


@pytest.mark.parametrize("kind", ["one", "seven", "empty", "long", "not UTF-8", "not an image"])
def test_every_signature(exported, kind):
    task, served, _ = exported
    tried = 0
    for name, function in task.signatures.functions.items():
        specs = function.input_signature
        main = next((c for spec in specs if (c := column(spec, kind)) is not None), None)
        if main is None:
            continue
        rows = range(len(main))
        inputs = {
            spec.name: export.as_tensor(
                column(spec, kind) or [EXTRA[spec.name](i) for i in rows], spec.dtype
            )
            for spec in specs
        }
        if kind == "not an image" or (kind == "long" and main is not TEXTS["long"]):
            with pytest.raises(tf.errors.InvalidArgumentError, match="image"):
                served[name](**inputs)
            with pytest.raises(tf.errors.InvalidArgumentError, match="image"):
                function(*inputs.values())
        else:
            compare(name, function(*(inputs[s.name] for s in specs)), served[name](**inputs))
        tried += 1
    if kind in ("one", "seven"):
        assert tried >= 2


def compare(name, expected, received):
    assert expected.keys() == received.keys()
    for output, value in expected.items():
        value, other = value.numpy(), received[output].numpy()
        assert value.shape == other.shape
        if value.dtype.kind == "f":
            assert np.isfinite(value).all(), (name, output)
            np.testing.assert_allclose(other, value, rtol=1e-4, atol=1e-5)
        else:
            np.testing.assert_array_equal(other, value)


def test_each_row_is_what_it_is_alone(exported):
    task, served, folder = exported
    described = json.loads((folder / "assets" / "kerasrnn.json").read_text())["signatures"]
    for name, function in task.signatures.functions.items():
        specs = function.input_signature
        main = next((c for spec in specs if (c := column(spec, "seven")) is not None), None)
        if main is None:
            continue

        def inputs_of(rows, specs=specs):
            return {
                spec.name: export.as_tensor(
                    [
                        (column(spec, "seven") or [*map(EXTRA[spec.name], range(7))])[i]
                        for i in rows
                    ],
                    spec.dtype,
                )
                for spec in specs
            }

        together = served[name](**inputs_of(range(7)))
        for i in range(7):
            alone = served[name](**inputs_of([i]))
            for output, value in alone.items():
                axes = described[name]["lengths"].get(output, [])
                ends = tuple(slice(int(alone[axis][0]) if axis else None) for axis in axes)
                one, other = value[0].numpy(), together[output][i].numpy()
                if axes:  # the description tells how padding is to be cut off
                    one, other = one[ends], other[ends]
                if np.asarray(one).dtype.kind == "f":
                    np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5, err_msg=output)
                elif name == "nbest":  # equally likely answers may change places
                    assert sorted(one.tolist()) == sorted(other.tolist())
                else:
                    np.testing.assert_array_equal(one, other, err_msg=f"{name} {output}")


def single(inputs):
    """Of pairs of texts the first ones, which signatures of vectors take."""
    of_pairs = isinstance(inputs[0], tuple) and all(isinstance(each, str) for each in inputs[0])
    return [first for first, _ in inputs] if of_pairs else inputs


def tensors(function, named):
    """The inputs of a loaded signature, of the types that it takes."""
    specs = function.structured_input_signature[1]
    return {key: export.as_tensor(value, specs[key].dtype) for key, value in named.items()}


def test_python_calls_what_is_served(exported):
    task, served, _ = exported
    inputs = task.default_inputs()
    given = tensors(served["serving_default"], task.served_inputs(inputs))
    outputs = served["serving_default"](**given)
    called = task.call("serving_default", inputs)
    assert called.keys() == outputs.keys()
    for name, rows in called.items():
        for row, value in zip(rows, outputs[name].numpy(), strict=True):
            value = value[tuple(slice(size) for size in np.shape(row))] if np.ndim(row) else value
            if np.asarray(row).dtype.kind == "f":
                np.testing.assert_allclose(row, value, rtol=1e-4, atol=1e-5)
            else:
                np.testing.assert_array_equal(row, value)
    if "encode" in served:
        given = {"text": export.as_tensor(single(inputs))} if "first" in given else given
        vectors = served["encode"](**given)["vector"].numpy()
        np.testing.assert_allclose(task.encode(single(inputs)), vectors, rtol=1e-4, atol=1e-5)
    assert all(rows == [] for rows in task.call("serving_default", []).values())
    with pytest.raises(ValueError, match="Expected one of"):
        task.call("nothing", inputs)


def test_numbers_that_are_not_finite():
    function = forecaster().signatures.functions["serving_default"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Expected finite numbers"):
        function(export.as_tensor(WINDOWS["not finite"]))
    function = vector_classifier().signatures.functions["serving_default"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Expected finite numbers"):
        function(tf.constant(WINDOWS["not finite"], tf.float32), tf.constant([3]))


def test_a_tagger_of_tokens(exported):
    task, served, _ = exported
    if "tokens" not in served:
        return
    sentences = [["a", "a cat", "zz"], [], ["b"]]
    tokens, length = as_tokens(sentences)
    by_tokens = served["tokens"](tokens=tokens, length=length)
    assert by_tokens["length"].numpy().tolist() == [3, 0, 1]
    by_text = served["serving_default"](text=tf.constant(["b"]))
    np.testing.assert_allclose(
        by_text["confidence"][0, 0], by_tokens["confidence"][2, 0], rtol=1e-4
    )
    shares = served["marginals"](text=tf.constant(["a b zz", "cat"]))
    assert shares["label_names"].numpy().tolist() == [[n.encode() for n in LABELS]] * 2
    np.testing.assert_allclose(
        shares["probabilities"].numpy().sum(-1), [[1] * 3, [1, 0, 0]], rtol=1e-5
    )


def test_assets_describe_the_export(exported):
    task, served, folder = exported
    description = json.loads((folder / "assets" / "kerasrnn.json").read_text())
    assert description["task"] == task.name and description["format"] == 1
    assert description["signatures"].keys() == served.keys()
    for name, signature in description["signatures"].items():
        specs = served[name].structured_input_signature[1]
        assert {k: v["dtype"] for k, v in signature["inputs"].items()} == {
            k: spec.dtype.name for k, spec in specs.items()
        }
        outputs = served[name].structured_outputs
        assert signature["outputs"].keys() == outputs.keys()
        for output, axes in signature["lengths"].items():
            assert set(filter(None, axes)) <= outputs.keys() and output in outputs
    card = (folder / "assets" / "README.md").read_text()
    assert f"`{task.name}`" in card and all(f"`{name}`" in card for name in served)
    assert " on data that were not recorded.\n" in card
    assert json.loads((folder / "assets" / "config.json").read_text())["task"] == task.name


def test_only_the_wanted_signatures(tmp_path):
    task = window_model()
    task.settings["data"] = "novels.txt"
    folder = task.export(tmp_path, signatures=["sample"])
    assert " on novels.txt.\n" in (folder / "assets" / "README.md").read_text()
    assert {*tf.saved_model.load(folder).signatures} == {"serving_default", "sample"}
    with pytest.raises(ValueError, match=r"Received: \['encode'\]"):
        task.export(tmp_path, signatures=["encode"])


def norm(signatures, *inputs):
    """A signature that no task has heard of."""
    return {"norm": tf.norm(signatures.vector(*inputs), axis=-1)}


@pytest.mark.parametrize(
    "name", QUICK + [each for each in SLOW if each.values != ("window_model",)]
)
def test_a_new_signature_of_all_tasks_is_one_file(name, monkeypatch):
    """It is a function of `kerasrnn/export/signatures.py`, and its name in `of_all` there."""
    monkeypatch.setitem(export.Signatures.of_all, "norm", norm)
    task = TASKS[name]()
    inputs = single(task.default_inputs())
    (vectors,) = task.call("encode", inputs).values()
    (norms,) = task.call("norm", inputs).values()
    np.testing.assert_allclose(norms, np.linalg.norm(vectors, axis=-1), rtol=1e-4)
    described = export.describe({"norm": task.signatures.functions["norm"]}, {})["norm"]
    assert set(described["outputs"]) == {"norm"}


@pytest.mark.parametrize(
    "name", QUICK + [each for each in SLOW if each.values != ("window_model",)]
)
def test_a_new_signature_of_all_tasks_is_exported(name, monkeypatch, tmp_path):
    monkeypatch.setitem(export.Signatures.of_all, "norm", norm)
    task = TASKS[name]()
    folder = task.export(tmp_path, signatures=["norm"])
    served = tf.saved_model.load(folder).signatures
    assert set(served) == {"serving_default", "norm"}
    inputs = task.default_inputs()
    named = {"text": single(inputs)} if name == "pair_classifier" else task.served_inputs(inputs)
    inputs, given = single(inputs), tensors(served["norm"], named)
    (norms,) = task.call("norm", inputs).values()
    np.testing.assert_allclose(served["norm"](**given)["norm"], norms, rtol=1e-4)
    described = json.loads((folder / "assets" / "kerasrnn.json").read_text())["signatures"]
    assert set(described) == set(served)
    assert "norm" in (folder / "assets" / "README.md").read_text()
