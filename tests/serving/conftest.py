"""Small SavedModels, and a server of them."""

import contextlib
import json
import re
import subprocess
import sys

import pytest
import tensorflow as tf

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # one sign of five characters


class Words(tf.Module):
    """`text` to its words, padded, their number, and the text in capitals behind a mark."""

    def __init__(self, mark):
        super().__init__()
        self.mark = tf.Variable(mark)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def words(self, text):
        words = tf.strings.split(text)
        refused = tf.reduce_any(text == "refuse me")
        with tf.control_dependencies([tf.debugging.assert_equal(refused, False, "Refused")]):
            tokens = words.to_tensor("")
        return {
            "text": tf.strings.join([self.mark, tf.strings.upper(text)]),
            "tokens": tokens,
            "length": tf.cast(words.row_lengths(), tf.int32),
        }


class Numbers(tf.Module):
    """Two inputs of varying width, one output as wide; another signature takes a scalar."""

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None], tf.float32, name="values"),
            tf.TensorSpec([None], tf.int32, name="length"),
        ]
    )
    def sums(self, values, length):
        values = tf.where(tf.sequence_mask(length, tf.shape(values)[1]), values, 0.0)
        return {"doubled": values * 2, "total": tf.reduce_sum(values, 1), "length": length}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float32, name="values"),
            tf.TensorSpec([], tf.float32, name="factor"),
        ]
    )
    def scale(self, values, factor):
        return {"scaled": values * factor}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="values")])
    def logarithm(self, values):
        return {"log": tf.math.log(values)}


class Bytes(tf.Module):
    """The bytes themselves, once as bytes and once as if they were a text."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
    def same(self, image_bytes):
        return {"image_bytes": tf.identity(image_bytes), "text": tf.identity(image_bytes)}


class Answers(tf.Module):
    """One signature for each kind of answer that the page draws."""

    TEXT = [tf.TensorSpec([None], tf.string, name="text")]
    IMAGE = [tf.TensorSpec([None], tf.string, name="image_bytes")]

    @staticmethod
    def rows(batch, **values):
        return {
            name: tf.repeat(tf.constant([value]), tf.shape(batch)[0], axis=0)
            for name, value in values.items()
        }

    @tf.function(input_signature=TEXT)
    def classify(self, text):
        names, shares = ["English", "Deutsch", "Ελληνικά"], [0.125, 0.75, 0.125]
        return self.rows(
            text, label="Deutsch", probability=0.75, labels=names, probabilities=shares
        )

    @tf.function(input_signature=TEXT)
    def tag(self, text):
        return self.rows(
            text,
            tokens=["Ada", "Lovelace", "wrote", "in", "London"],
            labels=["B-PER", "I-PER", "O", "O", "B-LOC"],
            confidence=[0.99, 0.98, 0.9995, 1.0, 0.6],
            length=5,
            score=-0.55,
        )

    @tf.function(input_signature=TEXT)
    def marginals(self, text):
        return self.rows(
            text,
            tokens=["Ada", "wrote", ""],
            label_names=["PER", "O"],
            probabilities=[[0.75, 0.25], [0.0, 1.0], [0.5, 0.5]],
            length=2,
        )

    @tf.function(input_signature=TEXT)
    def best(self, text):
        return self.rows(text, texts=["4 March", "March 4", ""], scores=[-0.125, -2.5, -9.0])

    @tf.function(input_signature=TEXT)
    def characters(self, text):
        return self.rows(
            text,
            tokens=[*FAMILY, "\n", "\u200d", "!"],
            token_log_probs=[*(5 * [-0.125]), -1.0, -2.0, -3.0],
            length=8,
            source_tokens=[*FAMILY, "!"],
            attention=[*(5 * [[0.125] * 5 + [0.375]]), *(3 * [[0.0] * 5 + [1.0]])],
        )

    @tf.function(
        input_signature=[
            *TEXT,
            tf.TensorSpec([None], tf.int64, name="seed"),
            tf.TensorSpec([None], tf.float32, name="temperature"),
            tf.TensorSpec([None], tf.int32, name="top_k"),
            tf.TensorSpec([None], tf.float32, name="top_p"),
        ]
    )
    def sample(self, text, seed, temperature, top_k, top_p):
        drawn = seed % 3
        length = tf.zeros_like(top_k) + tf.cast(temperature * top_p, tf.int32)
        return {
            "text": tf.strings.join([text, tf.strings.as_string(drawn)], " "),
            "log_prob": -0.5 - tf.cast(drawn, tf.float32),
            "length": length,
        }

    @tf.function(input_signature=[*TEXT, tf.TensorSpec([None], tf.string, name="answer")])
    def score(self, text, answer):
        length = tf.cast(tf.strings.length(answer), tf.float32) + 0 * tf.cast(
            tf.strings.length(text), tf.float32
        )
        return {"log_prob": -length, "score": -length / 2}

    @tf.function(input_signature=TEXT)
    def unknown(self, text):
        tokens = ["a", *(5 * ["<unknown>"]), "<unknown>", "<end>"]
        return self.rows(text, tokens=tokens, token_log_probs=8 * [-0.5], length=8)

    @tf.function(input_signature=IMAGE)
    def caption(self, image_bytes):
        weights = [[[0.0, 0.1, 0.9, 0.0], [0.5, 0.0, 0.0, 0.5]]]
        rows = self.rows(image_bytes, text="a digit", tokens=["a", "digit"], length=2)
        return {**rows, "attention": tf.repeat(weights, tf.shape(image_bytes)[0], axis=0)}


def write_answers(folder):
    module = Answers()
    names = (
        "classify",
        "tag",
        "marginals",
        "best",
        "characters",
        "caption",
        "sample",
        "score",
        "unknown",
    )
    functions = {name: getattr(module, name) for name in names}
    tf.saved_model.save(module, str(folder), functions)


def write_words(folder, mark="", notes=True):
    module = Words(mark)
    # Under another name and by a rename, as an export does it.
    unfinished = folder.parent / f".export-{folder.name}"
    tf.saved_model.save(module, str(unfinished), {"serving_default": module.words})
    if notes:
        signatures = {"serving_default": {"lengths": {"tokens": ["length"]}}}
        write_notes(unfinished, signatures, title="Words", task="translate")
    unfinished.rename(folder)


def write_notes(folder, signatures, **more):
    content = {"format": 1, "signatures": signatures, **more}
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "assets" / "kerasrnn.json").write_text(json.dumps(content))


def write_numbers(folder):
    module = Numbers()
    signatures = {"serving_default": module.sums, "scale": module.scale, "log": module.logarithm}
    tf.saved_model.save(module, str(folder), signatures)
    write_notes(folder, {"serving_default": {"lengths": {"doubled": ["length"]}}})


def write_bytes(folder):
    module = Bytes()
    tf.saved_model.save(module, str(folder), {"serving_default": module.same})


@pytest.fixture(scope="session")
def exports(tmp_path_factory):
    """A folder of four models, one of them with two versions; nobody writes to it."""
    folder = tmp_path_factory.mktemp("exports")
    writers = {"words": write_words, "numbers": write_numbers, "bytes": write_bytes}
    for name, write in {**writers, "answers": write_answers}.items():
        (folder / name).mkdir()
        write(folder / name / "1")
    write_words(folder / "words" / "2", mark="2:")
    return folder


@pytest.fixture(scope="session", name="write_words")
def _write_words():
    """Writes a version of the model `words`."""
    return write_words


@pytest.fixture(scope="module")
def client(exports, running):
    """A client of a server of all versions of the models; `words` has a label."""
    from kerasrnn.serving import create_app

    labels = {"words": {"stable": 1}}
    with running(create_app(exports, all_versions=True, labels=labels)) as client:
        yield client


@contextlib.contextmanager
def _serve(folder, *options):
    """Runs the command; gives the process, its lines up to the address, and the address."""
    words = ["serve", str(folder), "--port", "0", *map(str, options)]
    process = subprocess.Popen(
        [sys.executable, "-m", "kerasrnn", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            match = re.search(r"http://[\d.]+:(\d+)", line)
            if match:
                yield process, lines, f"http://127.0.0.1:{match[1]}"
                return
        raise AssertionError(process.stderr.read())
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def serve():
    """`with serve(folder, *options) as (process, lines, address):` runs `kerasrnn serve`."""
    return _serve


@pytest.fixture
def page(browser, client):
    browser.console.clear()
    browser.look(1000)
    browser.open(f"http://127.0.0.1:{client.port}/")
    browser.wait("!document.getElementById('predict').disabled")
    yield browser
    assert browser.console == []
