"""The contract, over a socket."""

import base64
import contextlib
import json
import pathlib
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kerasrnn.serving import Settings, create_app
from kerasrnn.serving.signature import Signature
from kerasrnn.serving.targets import parse_target

PREDICT = "/v1/models/words:predict"
OK = {"error_code": "OK", "error_message": ""}


def test_status(client):
    available = [{"version": str(v), "state": "AVAILABLE", "status": OK} for v in (2, 1)]
    assert client.get("/v1/models/words") == (200, {"model_version_status": available})
    for path in ("/versions/1", "/labels/stable"):
        answer = client.get(f"/v1/models/words{path}")
        assert answer == (200, {"model_version_status": available[1:]})


def test_metadata(client):
    status, answer = client.get("/v1/models/words/metadata")
    assert status == 200
    assert answer["model_spec"] == {"name": "words", "signature_name": "", "version": "2"}
    signature = answer["metadata"]["signature_def"]["signature_def"]["serving_default"]
    rows = {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    text = {"dtype": "DT_STRING", "tensor_shape": rows, "name": "serving_default_text:0"}
    assert signature["inputs"] == {"text": text}
    assert signature["method_name"] == "tensorflow/serving/predict"
    assert signature["outputs"]["length"]["dtype"] == "DT_INT32"
    _, answer = client.get("/v1/models/words/labels/stable/metadata")
    assert answer["model_spec"]["version"] == "1"


def test_rows_and_columns(client):
    rows = [
        {"text": "2:A B", "tokens": ["a", "b"], "length": 2},
        {"text": "2:", "tokens": ["", ""], "length": 0},
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    for instances in (["a b", ""], [{"text": "a b"}, {"text": ""}], [{"b64": "YSBi"}, ""]):
        assert client.post(PREDICT, {"instances": instances}) == (200, {"predictions": rows})
    for inputs in (["a b", ""], {"text": ["a b", ""]}):
        assert client.post(PREDICT, {"inputs": inputs}) == (200, {"outputs": columns})


def test_versions_and_labels(client):
    for path, mark in (("", "2:"), ("/versions/1", ""), ("/labels/stable", "")):
        status, answer = client.post(f"/v1/models/words{path}:predict", {"instances": ["a"]})
        assert (status, answer["predictions"][0]["text"]) == (200, f"{mark}A")


def test_named_inputs_other_signatures_and_scalars(client):
    path = "/v1/models/numbers:predict"
    rows = [{"values": [1, 2], "length": 2}, {"values": [3, 4.5], "length": 1}]
    assert client.post(path, {"instances": rows})[1]["predictions"] == [
        {"doubled": [2, 4], "length": 2, "total": 3},
        {"doubled": [6, 0], "length": 1, "total": 3},
    ]
    scale = {"signature_name": "scale", "inputs": {"values": [1, 2], "factor": 3}}
    assert client.post(path, scale) == (200, {"outputs": [3.0, 6.0]})
    rows = [{"values": 1, "factor": 3}]
    status, answer = client.post(path, {"signature_name": "scale", "instances": rows})
    assert status == 400 and "needs 'inputs' instead of 'instances'" in answer["error"]


def test_bytes_in_and_out(client):
    value = {"b64": base64.b64encode(b"\xff\x00a\x00").decode()}
    status, answer = client.post("/v1/models/bytes:predict", {"instances": [value]})
    assert (status, answer["predictions"]) == (
        200,
        [{"image_bytes": value, "text": "\ufffd\x00a\x00"}],
    )


def test_path_words_of_any_case(client):
    assert client.get("/V1/Models/words/Versions/2")[0] == 200


BAD = {
    "unknown model": (
        "/v1/models/nope:predict",
        "{}",
        404,
        "Servable not found for request: Latest(nope)",
    ),
    "unknown version": (
        "/v1/models/words/versions/9:predict",
        '{"instances": ["a"]}',
        404,
        "Servable not found for request: Specific(words, 9)",
    ),
    "a version of no number": (
        f"/v1/models/words/versions/{'9' * 99}:predict",
        "{}",
        400,
        "to numeric",
    ),
    "unknown label": (
        "/v1/models/words/labels/x:predict",
        "{}",
        400,
        "Unrecognized servable version label: x",
    ),
    "unknown signature": (
        PREDICT,
        '{"signature_name": "x", "instances": [1]}',
        400,
        'Serving signature name: "x" not found in signature def',
    ),
    "a signature of no name": (PREDICT, '{"signature_name": 1, "inputs": 1}', 400, "string value"),
    "no JSON": (PREDICT, '{"instances": ["a"]', 400, "JSON Parse error"),
    "empty": (PREDICT, "", 400, "JSON Parse error: The document is empty"),
    "no UTF-8": (PREDICT, b'{"instances": ["\xff"]}', 400, "Expected UTF-8 at offset: 16"),
    "half of a pair": (PREDICT, '{"instances": ["\\ud800"]}', 400, "surrogate"),
    "nested deeply": (PREDICT, '{"instances": ' + "[" * 100_000, 400, "nested too deeply"),
    "nested and closed": (
        PREDICT,
        '{"instances": ' + "[" * 900 + "]" * 900 + "}",
        400,
        "32 levels",
    ),
    "digits": (PREDICT, '{"instances": [1' + "0" * 9_999 + "]}", 400, "JSON Parse error"),
    "no object": (PREDICT, '["a"]', 400, "Is not object"),
    "neither form": (PREDICT, "{}", 400, "Missing 'inputs' or 'instances' key"),
    "both forms": (PREDICT, '{"inputs": ["a"], "instances": ["a"]}', 400, "only one of"),
    "no list": (PREDICT, '{"instances": "a"}', 400, "to be an list/array"),
    "no rows": (PREDICT, '{"instances": []}', 400, "No values in 'instances' array"),
    "wrong type": (PREDICT, '{"instances": [1]}', 400, "is not of expected type: string"),
    "wrong rank": (
        PREDICT,
        '{"instances": [["a"]]}',
        400,
        "Expected `text` of shape [?]. Received: [1,1]",
    ),
    "wrong key": (PREDICT, '{"instances": [{"texts": "a"}]}', 400, "keys must be equal to: text"),
    "mixed": (PREDICT, '{"instances": ["a", {"text": "a"}]}', 400, "got object at item 1"),
    "mixed the other way": (
        PREDICT,
        '{"instances": [{"text": "a"}, "a"]}',
        400,
        "got list at item 1",
    ),
    "plain for two": ("/v1/models/numbers:predict", '{"instances": [1]}', 400, "multiple input"),
    "plain columns for two": (
        "/v1/models/numbers:predict",
        '{"inputs": [1]}',
        400,
        "multiple input",
    ),
    "missing column": (
        "/v1/models/numbers:predict",
        '{"inputs": {"values": [[1]]}}',
        400,
        "Missing named input: length in 'inputs' object.",
    ),
    "refused by the model": (PREDICT, '{"instances": ["refuse me"]}', 400, "Refused"),
    "infinite": (
        "/v1/models/numbers:predict",
        '{"signature_name": "log", "instances": [1, 0]}',
        400,
        "finite numbers in the output `log`",
    ),
    "classify": ("/v1/models/words:classify", "{}", 400, "Expected :predict"),
    "regress": ("/v1/models/words:regress", "{}", 400, "Expected :predict"),
    "unknown verb": (
        "/v1/models/words:explain",
        "{}",
        400,
        "Malformed request: POST /v1/models/words:explain",
    ),
    "no model": ("/v1/models", "{}", 400, "Malformed request"),
    "no verb": ("/v1/models/words", "{}", 400, "Malformed request"),
    "outside": ("/models/words:predict", "{}", 404, "Not found"),
    "upwards": ("/v1/models/../../words:predict", "{}", 400, "Malformed request"),
    "upwards, encoded": ("/v1/models/%2e%2e%2fwords:predict", "{}", 400, "Malformed request"),
    "upwards only": ("/v1/models/..:predict", "{}", 404, "Servable not found"),
    "hidden": ("/v1/models/.export-1:predict", "{}", 404, "Servable not found"),
}


@pytest.mark.parametrize("path, body, status, message", BAD.values(), ids=BAD)
def test_bad_requests_are_told_why_and_the_server_lives_on(client, path, body, status, message):
    body = body if isinstance(body, bytes) else body.encode()
    received, answer = client.post(path, body)
    assert (received, list(answer)) == (status, ["error"])
    assert message in answer["error"]
    assert "\n" not in answer["error"] and "Traceback" not in answer["error"]
    assert client.post(PREDICT, {"instances": ["a"]})[0] == 200


@pytest.mark.parametrize(
    "method, path, status, message",
    [
        ("GET", "/v1/models", 400, "Missing model name in request."),
        ("GET", "/v1/models/nope", 404, "Could not find any versions of model nope"),
        ("GET", "/v1/models/words/versions/9", 404, "Could not find version 9 of model words"),
        ("GET", "/v1/models/nope/metadata", 404, "Servable not found for request: Latest(nope)"),
        ("GET", "/v1/models/words/labels/x", 400, "Unrecognized servable version label: x"),
        ("GET", "/v1/models/words:predict", 400, "Malformed request"),
        ("PUT", "/v1/models/words:predict", 400, "Malformed request: PUT"),
        ("GET", "/v2", 404, "Not found"),
        ("GET", "/../../etc/passwd", 404, "Not found"),
        ("POST", "/", 404, "Not found"),
    ],
)
def test_bad_addresses(client, method, path, status, message):
    received, body = client.call(method, path)
    assert received == status and message in json.loads(body)["error"]


def test_an_address_holds_names_and_no_paths():
    assert parse_target("GET", "/v1/models/a%20b").name == "a b"
    assert parse_target("GET", "/v1/models/a/labels/x%2Fy").label == "x/y"


def test_no_other_site_may_read_an_answer(client):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", client.port)
    with contextlib.closing(connection):
        connection.request("GET", "/v1/models/words")
        response = connection.getresponse()
        response.read()
        assert response.getheader("Access-Control-Allow-Origin") is None
        assert response.getheader("Content-Type") == "application/json"


@pytest.fixture(scope="module")
def narrow(exports, running):
    with running(create_app(exports, Settings(max_body=1000))) as client:
        yield client


def test_a_body_of_100_megabytes_is_refused_unread_and_the_server_lives_on(narrow):
    status, answer = narrow.call("POST", PREDICT, b"x" * 100_000_000)
    assert status == 413
    assert (
        json.loads(answer)["error"]
        == "Expected a body of at most 1000 bytes. Received: 100000000 bytes"
    )
    assert narrow.post(PREDICT, {"instances": ["a"]})[0] == 200


def test_a_body_that_does_not_say_its_length_is_bounded_too(narrow):
    whole = json.dumps({"instances": ["a"]}).encode()
    status, _ = narrow.call("POST", PREDICT, iter([whole[:5], whole[5:]]))
    assert status == 200
    status, answer = narrow.call("POST", PREDICT, iter([b" " * 600] * 10_000))
    assert status == 413 and b"at most 1000 bytes" in answer
    assert narrow.post(PREDICT, {"instances": ["a" * 970]})[0] == 200


def test_a_refused_body_need_not_be_sent(narrow):
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", narrow.port), timeout=60) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 413")


def test_no_http_at_all(narrow):
    with socket.create_connection(("127.0.0.1", narrow.port), timeout=60) as connection:
        connection.sendall(b"\x16\x03\x01\x02\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")
    assert narrow.get("/v1/models/words")[0] == 200


def test_status_answers_while_a_prediction_runs(exports, running, monkeypatch):
    started, go_on = threading.Event(), threading.Event()
    run = Signature.run

    def slow(self, arrays):
        started.set()
        assert go_on.wait(60)
        return run(self, arrays)

    monkeypatch.setattr(Signature, "run", slow)
    with running(create_app(exports)) as client, ThreadPoolExecutor(1) as pool:
        prediction = pool.submit(client.post, PREDICT, {"instances": ["a"]})
        assert started.wait(60)
        assert client.get("/v1/models/words")[0] == 200
        assert not prediction.done()
        go_on.set()
        assert prediction.result()[0] == 200


def test_joined_requests_get_the_bytes_that_they_get_alone(exports, running, monkeypatch):
    requests = [
        ("words", json.dumps({"instances": [" ".join("abc"[: i % 4])] * (i % 3 + 1)}))
        for i in range(24)
    ]
    requests += [
        (
            "numbers",
            json.dumps({"instances": [{"values": [i / 7] * (i % 4 + 1), "length": i % 4 + 1}]}),
        )
        for i in range(24)
    ]
    rows, go_on = [], threading.Event()
    run = Signature.run

    def watched(self, arrays):
        assert go_on.wait(60)
        rows.append(len(next(iter(arrays.values()))))
        return run(self, arrays)

    with running(create_app(exports, Settings(max_batch=1))) as client:
        alone = [client.call("POST", f"/v1/models/{name}:predict", body) for name, body in requests]
    monkeypatch.setattr(Signature, "run", watched)
    app = create_app(exports)
    with running(app) as client, ThreadPoolExecutor(48) as pool:
        calls = [
            pool.submit(client.call, "POST", f"/v1/models/{name}:predict", body)
            for name, body in requests
        ]
        go_on.set()
        assert [call.result() for call in calls] == alone
    assert {status for status, _ in alone} == {200}
    assert sum(rows) == sum(i % 3 + 1 for i in range(24)) + 24
    assert max(rows) > 3, "no batch was made"


def test_only_the_guilty_request_of_a_batch_fails(exports, running, monkeypatch):
    go_on = threading.Event()
    run = Signature.run

    def held(self, arrays):
        assert go_on.wait(60)
        return run(self, arrays)

    monkeypatch.setattr(Signature, "run", held)
    texts = ["a", "refuse me", "b", "c"] * 4
    with running(create_app(exports)) as client, ThreadPoolExecutor(16) as pool:
        calls = [pool.submit(client.post, PREDICT, {"instances": [text]}) for text in texts]
        go_on.set()
        for text, call in zip(texts, calls, strict=True):
            status, answer = call.result()
            if text == "refuse me":
                assert status == 400 and "Refused" in answer["error"]
            else:
                assert answer["predictions"][0]["text"] == f"2:{text.upper()}"


def test_an_unexpected_error_is_answered_and_logged(exports, running, monkeypatch, caplog):
    monkeypatch.setattr(Signature, "run", lambda self, arrays: 1 / 0)
    with running(create_app(exports)) as client:
        status, answer = client.post(PREDICT, {"instances": ["a"]})
    assert (status, answer) == (500, {"error": "Internal error: ZeroDivisionError"})
    assert "A request could not be answered" in caplog.text


def test_more_requests_than_may_wait(exports, running, monkeypatch):
    started, go_on = threading.Event(), threading.Event()

    def held(self, arrays):
        started.set()
        assert go_on.wait(60)
        return {"x": arrays["text"]}

    monkeypatch.setattr(Signature, "run", held)
    with (
        running(create_app(exports, Settings(max_waiting=1))) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(client.post, PREDICT, {"instances": ["a"]})
        assert started.wait(60)
        status, answer = client.post(PREDICT, {"instances": ["a"]})
        assert status == 503 and "The server is busy" in answer["error"]
        go_on.set()
        assert first.result()[0] == 200


def test_the_client_of_the_guide(client):
    page = pathlib.Path(__file__).parents[2] / "docs/guides/serving.md"
    guide = page.read_text(encoding="utf-8")
    program = re.search(r"```python\n(import json\n.*?)\nprint", guide, re.S)[1]
    names = {}
    exec(compile(program, page.name, "exec"), names)
    (answer,) = names["ask"](f"http://127.0.0.1:{client.port}", ["4 mars"], model="words")
    assert answer == {"text": "2:4 MARS", "tokens": ["4", "mars"], "length": 2}
