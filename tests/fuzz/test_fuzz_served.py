"""Requests of any bytes to the server, and texts of any kind to an exported signature."""

import asyncio
import json

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from kerasrnn import Tokenizer, Vocabulary, many_to_one
from kerasrnn.serving import create_app
from kerasrnn.tasks.classify.task import Classifier
from tests.fuzz.clean import CASES, HOSTILE, tried

LABELS = ["no", "yes"]
TEXT = st.one_of(
    st.sampled_from(["so far", "", " ", "far" * 500, "so " * 300]),
    st.sampled_from(HOSTILE).filter(lambda text: "\udcff" not in text),
    st.text(max_size=20),
)
NAMES = ["instances", "inputs", "signature_name", "text", "b64", "serving_default", "encode", "x"]
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=8,
)
PATHS = [
    *("/v1/models/spam:predict", "/v1/models/spam/versions/1:predict", "/v1/models/spam:classify"),
    *("/v1/models/spam", "/v1/models/spam/metadata", "/V1/models/spam:predict", "/", "/healthz"),
    *("/v1/models/none:predict", "/v1/models/spam/versions/9", "/v1//", "/static/page.js", "/../x"),
    *("/v1/models/spam/labels/stable:predict", "/v1/models/spam/versions/" + "9" * 40),
]
HEADERS = [
    *((b"content-type", b"application/json"), (b"content-encoding", b"gzip"), (b"accept", b"x")),
    *((b"content-type", b"text/plain"), (b"content-length", b"-1"), (b"host", b"127.0.0.1")),
    *(
        (b"content-length", b"99999999999"),
        (b"transfer-encoding", b"chunked"),
        (b"origin", b"null"),
    ),
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The folder of a model that nobody trained, of two classes."""
    folder = tmp_path_factory.mktemp("served")
    tokenizer = Tokenizer(Vocabulary(["so", "far"]), "word")
    model = many_to_one(len(tokenizer.vocabulary), 2, embedding=2, units=3, pooling="attention")
    Classifier(model, tokenizer, LABELS).export(folder / "spam")
    return folder


async def answer(app, method, path, headers, body):
    """Asks an application, as a server does, for one answer: its status and its body."""
    path, _, query = path.partition("?")
    parts = [{"type": "http.request", "body": body, "more_body": False}]
    sent = []

    async def receive():
        if parts:
            return parts.pop()
        await asyncio.sleep(3600)  # the client waits

    async def send(message):
        sent.append(message)

    scope = {
        **{"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method},
        **{"path": path, "raw_path": path.encode(), "query_string": query.encode()},
        **{"root_path": "", "scheme": "http", "headers": headers},
        **{"client": ("127.0.0.1", 7), "server": ("127.0.0.1", 8501)},
    }
    await app(scope, receive, send)
    assert sent[0]["type"] == "http.response.start"
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:])


@pytest.fixture(scope="module")
def ask(exported):
    """Asks the application for an answer."""
    app = create_app(exported)
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        yield lambda *request: runner.run(answer(app, *request))
        runner.run(lifespan.__aexit__(None, None, None))


@st.composite
def bodies(draw):
    """A body of a prediction, or one that is nearly so, or anything."""
    texts = draw(st.lists(TEXT, max_size=5))
    content = draw(
        st.one_of(
            st.just({"instances": texts}),
            st.just({"inputs": {"text": texts}}),
            st.just({"instances": [{"text": text} for text in texts]}),
            st.fixed_dictionaries({"instances": JSON}, optional={"signature_name": TEXT}),
            JSON,
        )
    )
    body = json.dumps(content).encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(body)))
        body = body[:place] + draw(st.binary(max_size=3)) + body[place + draw(st.integers(0, 9)) :]
    return draw(st.sampled_from([body] * 9 + [b"[" * 100_000, b"", b"\x1f\x8b", b"\xff\xfe{"]))


@CASES
def test_requests(number, ask):
    def check(method, path, headers, body):
        status, content = ask(method, path, headers, body)
        assert status in {200, 304, 503} or 400 <= status < 500, content
        assert b"Traceback" not in content
        if path.lower().startswith("/v1/") and method == "POST":
            assert isinstance(json.loads(content), dict) and (status == 200) != (
                b"error" in content
            )
        # It still answers.
        good = json.dumps({"instances": ["so far"]}).encode()
        assert ask("POST", PATHS[0], [], good)[0] == 200

    tried(
        number,
        check,
        method=st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "OPTIONS", "HEAD"]),
        path=st.sampled_from([PATHS[0]] * len(PATHS) + PATHS),
        headers=st.lists(st.sampled_from(HEADERS), max_size=2, unique_by=lambda each: each[0]),
        body=bodies(),
    )


@CASES
def test_signatures(number, exported):
    signatures = tf.saved_model.load(exported / "spam" / "1").signatures

    def check(texts):
        found = signatures["serving_default"](text=tf.constant(texts, tf.string, [len(texts)]))
        probabilities = found["probabilities"].numpy()
        assert probabilities.shape == (len(texts), len(LABELS))
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
        assert found["label"].numpy().tolist() == [
            LABELS[place].encode() for place in probabilities.argmax(axis=1)
        ]
        tokens, attention = found["tokens"].numpy(), found["attention"].numpy()
        assert tokens.shape == attention.shape
        np.testing.assert_allclose(attention.sum(axis=1), 1, rtol=1e-5)
        vectors = signatures["encode"](text=tf.constant(texts, tf.string, [len(texts)]))["vector"]
        assert np.isfinite(vectors.numpy()).all()

    texts = st.one_of(TEXT.map(lambda text: text.encode("utf-8")), st.binary(max_size=30))
    tried(number, check, texts=st.lists(texts, max_size=7))
