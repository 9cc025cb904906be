"""Raw examples as people have them: lists, tables, generators, data sets."""

import keras
import numpy as np
import pandas
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import datasets
from kerasrnn.checks import UserError
from kerasrnn.datasets.sources.raw_examples import as_dataset

PAIRS = [("ab", "x"), ("b", "y"), ("ba", "x")]
LETTERS = kerasrnn.Tokenizer(kerasrnn.Vocabulary("abxy"))


class Table:
    """What a DataFrame is to a reader: columns by name, and iteration over their names."""

    def __init__(self, columns):
        self._columns, self.columns = columns, list(columns)

    def __getitem__(self, name):
        return np.array(self._columns[name], object)

    def __iter__(self):
        return iter(self.columns)


def forms(*roles):
    columns = dict(zip(roles, map(list, zip(*PAIRS, strict=True)), strict=True))
    return {
        "dataset": tf.data.Dataset.from_tensor_slices(tuple(columns.values())),
        "list": PAIRS,
        "lists": [list(pair) for pair in PAIRS],
        "array": np.array(PAIRS),
        "generator": (pair for pair in PAIRS),
        "dicts": [dict(zip(roles, pair, strict=True)) for pair in PAIRS],
        "columns": {**columns, "more": [1, 2, 3]},
        "table": Table({"more": [1, 2, 3], **columns}),
    }


@pytest.mark.parametrize("form", forms("a", "b"))
def test_all_forms_are_the_same_data(form):
    found = as_dataset(forms("a", "b")[form], ("a", "b"))
    assert [tuple(map(bytes.decode, pair)) for pair in found.as_numpy_iterator()] == PAIRS


def flat(batches):
    return [np.asarray(each) for each in tf.nest.flatten(list(batches))]


@pytest.mark.parametrize(
    "form",
    [*(pytest.param(form, marks=pytest.mark.slow) for form in ("list", "generator")), "table"],
)
def test_loaders(form):
    def same(loader, roles, *arguments):
        expected, found = (
            flat(loader(forms(*roles)[each], *arguments).batches(2)) for each in ("dataset", form)
        )
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_array_equal(one, other)

    same(datasets.pair_examples, ("source", "target"), LETTERS, LETTERS)
    same(datasets.labelled_text_examples, ("text", "label"), LETTERS, ["x", "y"])


def test_texts_and_tokens():
    texts = [text for text, _ in PAIRS]
    expected = flat(
        datasets.text_examples(tf.data.Dataset.from_tensor_slices(texts), LETTERS).batches(2)
    )
    for found in (texts, iter(texts), {"text": texts}):
        for one, other in zip(
            expected, flat(datasets.text_examples(found, LETTERS).batches(2)), strict=True
        ):
            np.testing.assert_array_equal(one, other)
    sentences = [(["a", "b"], ["x", "y"]), (["b"], ["y"])]
    tokens, y, weights = next(
        iter(datasets.tagged_examples(sentences, LETTERS, ["x", "y"]).batches(2))
    )
    assert tokens.shape == y.shape == (2, 2)
    weighted = [(*each, [2.0] * len(each[0])) for each in sentences]
    _, _, weights = next(iter(datasets.tagged_examples(weighted, LETTERS, ["x", "y"]).batches(2)))
    assert sorted(weights.numpy().ravel().tolist()) == [0, 2, 2, 2]
    images = [(np.zeros((5, 3, 1), "uint8"), "x"), (np.ones((5, 3, 1), "uint8"), "y")]
    x, y, _ = next(iter(datasets.labelled_image_examples(images, ["x", "y"]).batches(2)))
    assert x["features"].shape == (2, 5, 3) and sorted(y.numpy().tolist()) == [0, 1]


def test_evaluate_takes_what_people_have():
    size = len(LETTERS.vocabulary)
    task = kerasrnn.Classifier(kerasrnn.many_to_one(size, 2, units=3), LETTERS, ["x", "y"])
    expected = task.evaluate(forms("text", "label")["dataset"])
    for form in ("list", "generator", "table"):
        assert task.evaluate(forms("text", "label")[form]) == expected
        counts = task.confusion(forms("text", "label")[form])
        assert counts.sum() == 3


WRONG = {
    "one text": ("a b", "Received: one text, 'a b'"),
    "no column": ({"text": ["a"]}, "columns text, label. Received: text"),
    "one part": ([("a", "x"), ("b",)], r"Received: \('b',\) at place 1"),
    "a list of texts": (["a", "b"], "examples of text and label.* Received: 'a' at place 0"),
    "none": ([("a", "x"), (None, "y")], "`text` to be a text. Received: None at place 1"),
    "nan": ([(float("nan"), "x"), ("b", "y")], "`text` to be a text. Received: nan at place 0"),
    "number": ([("a", 1)], "`label` to be a text. Received: 1 at place 0"),
    "no iterable": (3, "Received: 3"),
    "some weights": ([("a", "x", 1.0), ("b", "y")], "with each example or with none"),
}


@pytest.mark.parametrize(("raw", "message"), WRONG.values(), ids=WRONG)
def test_what_is_no_data(raw, message):
    with pytest.raises(UserError, match=message):
        as_dataset(raw, ("text", "label"), ("weight",))


SHAPE = (5, 3, 1)


def films(*lengths):
    rng = np.random.default_rng(2)
    return [rng.integers(0, 256, (length, *SHAPE), "uint8") for length in lengths]


def as_raw(form, roles, rows, spec=None):
    """Rows in one of the forms that people have; a data set is what all others must equal."""
    if form == "dataset":
        return tf.data.Dataset.from_generator(lambda: iter(rows), output_signature=spec)
    columns = dict(zip(roles, map(list, zip(*rows, strict=True)), strict=True))
    return {"list": rows, "columns": columns, "generator": (row for row in rows)}[form]


FORMS = [pytest.param("list", marks=pytest.mark.slow), "columns", "generator"]


@pytest.fixture(scope="module")
def labeler():
    return kerasrnn.FrameLabeler(kerasrnn.many_to_many(SHAPE, 2, units=3), ["x", "y"])


@pytest.mark.parametrize("form", FORMS)
def test_films_of_different_lengths(form, labeler):
    roles = "frames", "labels"
    rows = [(film, list(labels)) for film, labels in zip(films(2, 3), ["xy", "yyx"], strict=True)]
    spec = tf.TensorSpec((None, *SHAPE), tf.uint8), tf.TensorSpec((None,), tf.string)
    expected, found = (
        flat(datasets.frame_examples(as_raw(each, roles, rows, spec), ["x", "y"]).batches(2))
        for each in ("dataset", form)
    )
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(one, other)
    for method in ("evaluate", "confusion", "report", "mistakes"):
        expected, found = (
            getattr(labeler, method)(as_raw(each, roles, rows, spec)) for each in ("dataset", form)
        )
        np.testing.assert_equal(found, expected)


def test_what_is_no_film(labeler):
    (film,) = films(3)
    for rows, message in [
        ([(film, list("xyx")), (film, ["x"])], "as many labels as frames.* 1 and 3 at place 1"),
        ([(film / 255, list("xyx"))], r"`frames` as an array of uint8.*float64 \(3, 5, 3, 1\)"),
        ([(["a.png"], ["x"])], "`frames` as an array of uint8"),
        ([(film.astype("int64") + 1000, list("xyx"))], "`frames` as .*int64"),
        ([(film, list("xyx")), (film[:, 1:], list("xyx"))], "numbers of one shape"),
    ]:
        for use in (labeler.evaluate, labeler.mistakes):
            with pytest.raises(UserError, match=message):
                use(rows)
    with pytest.raises(UserError, match="as many labels as tokens.* 1 and 2 at place 0"):
        datasets.tagged_examples([(["a", "b"], ["x"])], LETTERS, ["x", "y"])
    assert np.isnan(labeler.evaluate([])["accuracy"])


@pytest.mark.parametrize("form", FORMS)
def test_images(form):
    images = films(1, 1, 1)
    images = [film[0] for film in images]
    pixel = tf.TensorSpec(SHAPE, tf.uint8)
    text = tf.TensorSpec((), tf.string)
    task = kerasrnn.ImageClassifier(kerasrnn.many_to_one((3,), 2, units=3), ["x", "y"], SHAPE)
    rows = list(zip(images, "xyx", strict=True))
    for method in ("evaluate", "report", "mistakes"):
        expected, found = (
            getattr(task, method)(as_raw(each, ("image", "label"), rows, (pixel, text)))
            for each in ("dataset", form)
        )
        np.testing.assert_equal(found, expected)
    # Lists of numbers are the same images, not numbers of 64 bits that would be scaled as such.
    nested = [(image.tolist(), label) for image, label in rows]
    for one, other in zip(
        *(
            flat(datasets.labelled_image_examples(each, ["x", "y"]).batches(3))
            for each in (rows, nested)
        ),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("form", FORMS)
def test_mistakes_of_texts(form):
    size = len(LETTERS.vocabulary)
    pair = (tf.TensorSpec((), tf.string),) * 2
    options = {"units": 3, "embedding": 2, "cell": "gru"}
    translator = kerasrnn.Translator(
        kerasrnn.encoder_decoder(size, size, **options), LETTERS, LETTERS, max_length=3
    )
    expected, found = (
        translator.mistakes(as_raw(each, ("source", "target"), PAIRS, pair))
        for each in ("dataset", form)
    )
    assert found == expected
    model = kerasrnn.one_to_many(SHAPE, size, encoder="convolutional", **options)
    captioner = kerasrnn.Captioner(model, LETTERS, max_length=3)
    rows = [(film[0], "", text) for film, text in zip(films(1, 1), ("ab", "b"), strict=True)]
    spec = tf.TensorSpec(SHAPE, tf.uint8), *pair
    expected, found = (
        captioner.mistakes(as_raw(each, ("image", "start", "text"), rows, spec))
        for each in ("dataset", form)
    )
    assert found == expected


def test_texts_of_a_language_model():
    model = kerasrnn.language_model(len(LETTERS.vocabulary), units=3, embedding=2)
    task = kerasrnn.LanguageModel(model, LETTERS, max_length=3)
    expected = task.evaluate(tf.data.Dataset.from_tensor_slices(["ab", "b"]))
    for found in (["ab", "b"], iter(["ab", "b"]), {"text": ["ab", "b"]}, np.array(["ab", "b"])):
        assert task.evaluate(found) == expected


def test_dataframe():
    frame = pandas.DataFrame(PAIRS, columns=["text", "label"])
    found = as_dataset(frame, ("text", "label")).as_numpy_iterator()
    assert [tuple(map(bytes.decode, pair)) for pair in found] == PAIRS


def test_a_model_of_probabilities_is_no_classifier():
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    vectors = keras.layers.Embedding(8, 3, mask_zero=True, name="token_embedding")(tokens)
    hidden = keras.layers.GRU(3)(vectors)
    for activation in ("softmax", "sigmoid"):
        output = keras.layers.Dense(2, activation=activation, name="output")(hidden)
        with pytest.raises(UserError, match=f"model of logits.*{activation}"):
            kerasrnn.Classifier(keras.Model(tokens, output), LETTERS, ["x", "y"])
    model = keras.Model(tokens, keras.layers.Dense(2, name="output")(hidden))
    for loss in ("sparse_categorical_crossentropy", keras.losses.SparseCategoricalCrossentropy()):
        model.compile("sgd", loss)
        with pytest.raises(UserError, match="from_logits=True.*of probabilities"):
            kerasrnn.Classifier(model, LETTERS, ["x", "y"])
    model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
    with pytest.raises(UserError, match="one class is right.*binary"):
        kerasrnn.Classifier(model, LETTERS, ["x", "y"])


def test_a_model_of_probabilities_writes_no_texts():
    size = len(LETTERS.vocabulary)
    options = {"units": 3, "embedding": 2, "cell": "gru"}
    translate = kerasrnn.encoder_decoder(size, size, **options)
    caption = kerasrnn.one_to_many(SHAPE, size, encoder="convolutional", **options)
    tasks = {
        "translate": (translate, lambda model: kerasrnn.Translator(model, LETTERS, LETTERS)),
        "caption": (caption, lambda model: kerasrnn.Captioner(model, LETTERS)),
        "ensemble": (caption, lambda model: kerasrnn.Captioner([caption, model], LETTERS)),
    }
    for model, task in tasks.values():
        for layer in (
            keras.layers.Softmax(),
            keras.ops.softmax,
            keras.layers.Activation("sigmoid"),
            keras.layers.TimeDistributed(keras.layers.Dense(size, "softmax")),
        ):
            with pytest.raises(UserError, match="model of logits.*(softmax|sigmoid)"):
                task(keras.Model(model.inputs, layer(model.output)))
        same = keras.Model(model.inputs, model.output)
        for loss, message in (
            (keras.losses.SparseCategoricalCrossentropy(), "from_logits=True.*of probabilities"),
            (keras.losses.BinaryCrossentropy(from_logits=True), "one class is right.*binary"),
        ):
            same.compile("sgd", loss)
            with pytest.raises(UserError, match=message):
                task(same)


def test_learning_curve_of_keras_history():
    history = keras.callbacks.History()
    history.epoch = [0, 1, 2]
    history.history = {"loss": [3.0, 2.0, 1.0], "val_loss": [4.0, 3.0, 2.0]}
    rated = {**history.history, "learning_rate": [0.1, 0.1, 0.05]}
    for given, parts in ((history, 1), (history.history, 1), (rated, 2)):
        axes = kerasrnn.plotting.learning_curve(given, "loss").axes
        assert len(axes) == parts
        assert axes[0].lines[0].get_xydata().tolist() == [[1, 3], [2, 2], [3, 1]]
        assert axes[0].lines[1].get_ydata().tolist() == [4, 3, 2]
