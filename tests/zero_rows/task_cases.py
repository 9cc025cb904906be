"""Every signature of every task, in Python and exported, and every method that takes inputs."""

import dataclasses
import inspect
import pathlib
import tempfile

import numpy as np
import tensorflow as tf
from rows import Case

import kerasrnn
from kerasrnn import Tokenizer, Vocabulary, datasets, decoding, layers, models
from kerasrnn.datasets.loaders.caption_examples import start_token
from kerasrnn.datasets.readers.image_decoding import encode_png
from kerasrnn.tasks.forecast.layout import Layout

U = 3
IMAGE = (8, 9, 1)
LABELS = ["O", "B-A", "I-A"]
SHORT = {("Captioner", "encode"), ("Translator", "score"), ("LanguageModel", "sample")}
SHORT |= {("Tagger", "encode")}
PICTURE = encode_png(np.full(IMAGE, 7, "uint8"))


def translator(**search):
    tokenizer = Tokenizer(Vocabulary("abc "))
    size = len(tokenizer.vocabulary)
    model = models.encoder_decoder(size, size, units=U, attention="dot")
    search = decoding.Search(**search)
    return kerasrnn.Translator(model, tokenizer, tokenizer, max_length=5, search=search)


def captioner(starts=("en", "de"), **search):
    tokenizer = Tokenizer(Vocabulary([*map(start_token, starts), *"abc"]))
    model = models.one_to_many(
        IMAGE, len(tokenizer.vocabulary), units=U, attention="dot", encoder="convolutional"
    )
    search = decoding.Search(**search)
    return kerasrnn.Captioner(model, tokenizer, starts, max_length=5, search=search)


def classifier(pooling="attention"):
    tokenizer = Tokenizer(Vocabulary(["a", "b"]), "word")
    model = models.many_to_one(len(tokenizer.vocabulary), 3, units=U, pooling=pooling)
    return kerasrnn.Classifier(model, tokenizer, list("xyz"))


def pair_classifier(pooling="max"):
    tokenizer = Tokenizer(Vocabulary(["a", "b"]), "word")
    model = models.siamese(len(tokenizer.vocabulary), 3, units=U, pooling=pooling)
    return kerasrnn.PairClassifier(model, tokenizer, list("xyz"))


def multi_label_classifier():
    tokenizer = Tokenizer(Vocabulary(["a", "b"]), "word")
    model = models.many_to_one(len(tokenizer.vocabulary), 3, units=U, pooling="attention")
    return kerasrnn.MultiLabelClassifier(model, tokenizer, list("xyz"))


def segment_classifier():
    tokenizer = Tokenizer(Vocabulary(["a", "b"]), "word")
    size = len(tokenizer.vocabulary)
    model = models.many_to_one(size, 3, units=U, pooling="max", segment_length=2)
    return kerasrnn.Classifier(model, tokenizer, list("xyz"), max_length=3)


def image_classifier():
    model = models.many_to_one((9,), 3, units=U, bidirectional=True)
    return kerasrnn.ImageClassifier(model, list("xyz"), IMAGE)


def vector_classifier():
    scale = datasets.VectorScale((0.5, 1.0), (2.0, 3.0))
    model = models.many_to_one((2,), 3, units=U, bidirectional=True)
    return kerasrnn.VectorClassifier(model, list("xyz"), scale)


def vector_labeler():
    scale = datasets.VectorScale((0.5, 1.0), (2.0, 3.0))
    model = models.many_to_many((2,), 2, units=U, bidirectional=True)
    return kerasrnn.VectorLabeler(model, ["off", "on"], scale)


def tagger(output="crf", characters=True):
    words, letters = Tokenizer(Vocabulary(["a", "b"]), "whitespace"), Tokenizer(Vocabulary("ab"))
    letters = letters if characters else None
    output = layers.CRF(3, layers.bio_constraints(LABELS), name="output") if output else "softmax"
    number = len(letters.vocabulary) if characters else None
    model = models.many_to_many(len(words.vocabulary), 3, units=U, characters=number, output=output)
    return kerasrnn.Tagger(model, words, LABELS, letters)


def frame_labeler():
    return kerasrnn.FrameLabeler(models.many_to_many(IMAGE, 2, units=U), ["off", "on"])


def forecaster():
    scale = datasets.WindowScale("last", (0.5, 1.0), (2.0, 3.0))
    model = models.many_to_one((2,), 2, units=U)
    return kerasrnn.Forecaster(model, ["x", "z"], ["z"], window=5, horizon=2, scale=scale)


def series_forecaster():
    values = np.random.default_rng(1).normal(size=(23, 3))
    panel = datasets.Panel.of(values, ["x", "z", "known"])
    panel = dataclasses.replace(panel, ahead=("known",))
    part = datasets.PanelPart.whole(panel)
    scale = datasets.fit_panel_scale(part, panel.columns, 5, "changes", 2)
    model = models.recursive_forecaster(3, 1, horizon=2, ahead=1, quantiles=[0.2, 0.5], units=U)
    layout = Layout.of(panel, ("z",), ())
    return kerasrnn.SeriesForecaster(model, layout, 5, 2, scale, levels=[0.2, 0.5])


def regressor():
    tokenizer = Tokenizer(Vocabulary(["a", "b"]), "word")
    model = models.many_to_one(len(tokenizer.vocabulary), 2, units=U, pooling="attention")
    scale = kerasrnn.metrics.TargetScale.fit([[1.0, 2.0], [3.0, 5.0]], ["x", "z"])
    return kerasrnn.Regressor(model, tokenizer, scale)


def vector_regressor():
    scale = datasets.VectorScale((0.5, 1.0), (2.0, 3.0))
    model = models.many_to_one((2,), 2, units=U, bidirectional=True)
    targets = kerasrnn.metrics.TargetScale.fit([[1.0, 2.0], [3.0, 5.0]], ["x", "z"])
    return kerasrnn.VectorRegressor(model, scale, targets)


def language_model(make=models.language_model, **options):
    tokenizer = Tokenizer(Vocabulary("abc"))
    model = make(len(tokenizer.vocabulary), units=U, **options)
    return kerasrnn.LanguageModel(model, tokenizer, max_length=5)


def tasks():
    window = models.fixed_window_language_model
    return {
        "Translator": translator,
        "Translator beam": lambda: translator(
            beam_width=2, coverage_penalty=0.1, replace_unknown=True, no_repeat_ngram=2
        ),
        "Captioner": captioner,
        "Captioner beam": lambda: captioner((), beam_width=2, min_length=2),
        "Classifier": classifier,
        "Classifier last": lambda: classifier("last"),
        "Classifier segments": segment_classifier,
        "ImageClassifier": image_classifier,
        "PairClassifier": pair_classifier,
        "PairClassifier last": lambda: pair_classifier("last"),
        "VectorClassifier": vector_classifier,
        "Tagger": tagger,
        "Tagger softmax": lambda: tagger(None, False),
        "FrameLabeler": frame_labeler,
        "VectorLabeler": vector_labeler,
        "Forecaster": forecaster,
        "SeriesForecaster": series_forecaster,
        "MultiLabelClassifier": multi_label_classifier,
        "Regressor": regressor,
        "VectorRegressor": vector_regressor,
        "LanguageModel": language_model,
        "LanguageModel class": lambda: language_model(output="class"),
        "LanguageModel window": lambda: language_model(window, window=3),
    }


COLUMNS = {
    "text": ["a b", "b", "ab a"],
    "first": ["a b", "b", "ab a"],
    "second": ["", "a b a", "b"],
    "prefix": ["a", "", "b"],
    "answer": ["a b", "", "b"],
    "start": ["en", "de", "??"],
    "image_bytes": [PICTURE, b"", PICTURE],
    "frames_bytes": [[PICTURE, PICTURE], [PICTURE, b""], [b"", b""]],
    "tokens": [["a", "b"], ["b", ""], ["", ""]],
    "length": [2, 1, 0],
    "max_length": [3, 5, 0],
}
WIDE = {"frames_bytes", "tokens"}  # columns of any number of steps


def column(spec, rows):
    """`rows` values, 0 or 3, for an input of a signature."""
    if spec.name in COLUMNS:
        values = COLUMNS[spec.name][:rows]
        shape = [rows, 2] if spec.name in WIDE else [rows]
        return tf.reshape(tf.constant(values, spec.dtype), shape)
    return tf.ones([rows, *(size or 1 for size in spec.shape[1:])], spec.dtype)


def open_axes(outputs):
    """The axes of each output that are as long as the contents want."""
    return {
        name: [axis for axis, size in enumerate(value.shape) if size is None]
        for name, value in outputs.items()
    }


def signature_cases(short=False):
    """Every signature of every task, and the functions that Python's methods call beside them.

    Args:
        short: Whether the tasks without a short case are not even made.
    """
    for name, make in tasks().items():
        if short and not any(name == task for task, _ in SHORT):
            continue
        own_signatures = make().signatures
        functions = dict(own_signatures.functions)
        for own in ("write", "label", "classify"):
            if hasattr(own_signatures, own):
                functions[own] = getattr(own_signatures, own)
        for signature, function in functions.items():

            def run(rows, function=function):
                return function(*(column(spec, rows) for spec in function.input_signature))

            def free(function=function):
                return open_axes(function.get_concrete_function().structured_outputs)

            is_short = (name, signature) in SHORT
            yield Case(f"signature {name} {signature}", run, is_short, free)


def export_cases():
    """Every signature again, as TensorFlow alone loads it."""
    for name, make in tasks().items():
        with tempfile.TemporaryDirectory() as folder:
            signatures = tf.saved_model.load(make().export(pathlib.Path(folder, "m"))).signatures
        for signature, function in signatures.items():

            def run(rows, function=function):
                specs = function.structured_input_signature[1]
                return function(**{key: column(spec, rows) for key, spec in specs.items()})

            def free(function=function):
                return open_axes(function.structured_outputs)

            yield Case(f"export {name} {signature}", run, free=free)


PICTURES = [np.full(IMAGE, n, "uint8") for n in (7, 0, 11)]
FILMS = [np.stack(PICTURES[: n + 1]) for n in range(3)]
WINDOWS = list(np.random.default_rng(1).normal(size=(3, 5, 2)))
TEXTS = COLUMNS["text"]
TAGS = [["O", "B-A"], ["O"], ["O", "O"]]
INPUTS = {
    "Captioner": [*zip(PICTURES, ["en", "de", "en"], strict=True)],
    "ImageClassifier": PICTURES,
    "PairClassifier": [*zip(TEXTS, TEXTS[::-1], strict=True)],
    "FrameLabeler": FILMS,
    "Forecaster": WINDOWS,
    "VectorClassifier": WINDOWS,
    "VectorRegressor": WINDOWS,
}
# What stands behind the inputs of a method.
FURTHER = {"complete": [["a", "", "b"]], "score": [["a b", "", "b"]]}
# Methods of examples with their right answers.
OF_EXAMPLES = {"confusion", "evaluate", "mistakes", "report"}
# A series without a window is refused. A language model's `sample` is what `generate` calls.
REFUSED = {("Forecaster", each) for each in ("evaluate", "forecast", "read_window")}
REFUSED |= {("LanguageModel", "sample")}


def examples(name):
    """Three examples with their right answers, as `evaluate` takes them."""
    labels = list("xyz")
    if name in ("Tagger", "FrameLabeler"):
        steps = [text.split() for text in TEXTS] if name == "Tagger" else FILMS
        names = TAGS if name == "Tagger" else [["on"] * len(film) for film in FILMS]
        kind = tf.TensorSpec((None,), tf.string)
        first = kind if name == "Tagger" else tf.TensorSpec((None, *IMAGE), tf.uint8)
        pairs = list(zip(steps, names, strict=True))
        return tf.data.Dataset.from_generator(lambda: pairs, output_signature=(first, kind))
    columns = {
        "Translator": (TEXTS, TEXTS),
        "Captioner": (PICTURES, ["en", "de", "en"], TEXTS),
        "Classifier": (TEXTS, labels),
        "ImageClassifier": (PICTURES, labels),
        "PairClassifier": (TEXTS, TEXTS[::-1], labels),
        "VectorClassifier": (WINDOWS, labels),
        "LanguageModel": TEXTS,
        "MultiLabelClassifier": (TEXTS, tf.ragged.constant([["x"], [], ["x", "z"]])),
        "Regressor": (TEXTS, [[1.0, 2.0]] * 3),
        "VectorRegressor": (WINDOWS, [[1.0, 2.0]] * 3),
    }
    return tf.data.Dataset.from_tensor_slices(columns[name])


def as_rows(value, rows):
    """The answers of a method such that they compare like those of a model."""
    if isinstance(value, list):
        return np.zeros(len(value))
    if isinstance(value, dict) and "examples" in value:
        assert value["examples"] == rows, value
        return {name: np.zeros(rows) for name in value if not name.endswith("_signature")}
    if isinstance(value, dict):
        return {name: np.zeros(len(column)) for name, column in value.items()}
    return value


def method_cases():
    made = tasks()
    for name in ("Translator", "Captioner", "Classifier", "ImageClassifier", "VectorClassifier"):
        yield from methods_of(name, made[name]())
    names = ("Tagger", "FrameLabeler", "Forecaster", "LanguageModel", "PairClassifier")
    for name in (*names, "MultiLabelClassifier", "Regressor", "VectorRegressor"):
        yield from methods_of(name, made[name]())


def methods_of(name, task):
    inputs = INPUTS.get(name, TEXTS)
    for method, function in inspect.getmembers(task, inspect.ismethod):
        first = next(iter(inspect.signature(function).parameters), None)
        with_inputs = first == "inputs" or method in OF_EXAMPLES or method == "call"
        if method.startswith("_") or not with_inputs or (name, method) in REFUSED:
            continue

        def run(rows, method=method, function=function):
            if method in OF_EXAMPLES:
                value = function(examples(name).take(rows))
                if method in ("mistakes", "report"):  # as many as there are mistakes, or labels
                    return np.zeros(rows)
                # Counts of labels have no batch.
                return (
                    np.zeros((rows, *value.shape))
                    if method == "confusion"
                    else as_rows(value, rows)
                )
            if method == "answers":  # of a forecast a line for each step
                assert bool(list(function(inputs[:rows]))) == bool(rows)
                return np.zeros(rows)
            if method == "encode" and name == "PairClassifier":  # of single texts
                return function(TEXTS[:rows])
            if method == "call" and name == "PairClassifier":
                return np.zeros(len(function("encode", TEXTS[:rows]).get("vector", [])))
            if method == "call":
                return np.zeros(len(function("encode", inputs[:rows]).get("vector", [])))
            return as_rows(
                function(inputs[:rows], *(x[:rows] for x in FURTHER.get(method, []))), rows
            )

        yield Case(f"method {name}.{method}", run)
