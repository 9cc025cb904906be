"""What is refused before it costs anything, and what nobody waits for any more; over a socket."""

import asyncio
import gzip
import json
import socket
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from kerasrnn.serving import Settings, create_app
from kerasrnn.serving.clients import bodies
from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.rest import RestInterface
from kerasrnn.serving.signature import Signature

PREDICT = "/v1/models/words:predict"


@pytest.fixture(scope="module")
def small(exports, running):
    settings = Settings(max_body=1000, max_tokens=70, max_instances=13)
    with running(create_app(exports, settings)) as client:
        yield client


@pytest.mark.parametrize(
    "body, status, message",
    [
        ({"instances": ["a" * 70]}, 200, ""),
        ({"instances": ["b", "a" * 71]}, 413, "at most 70 tokens in an instance"),
        ({"inputs": {"text": ["a" * 71]}}, 413, "Received: 71 in instance 0"),
        ({"instances": ["a"] * 13}, 200, ""),
        ({"instances": ["a"] * 14}, 413, "at most 13 instances"),
        ({"inputs": ["a"] * 17}, 413, "--max-instances allows more. Received: 17"),
    ],
)
def test_work_is_limited_and_not_its_bytes_alone(small, body, status, message):
    received, answer = small.post(PREDICT, body)
    assert received == status and message in answer.get("error", "")


def test_steps_of_numbers_count_as_tokens(small):
    body = {"instances": [{"values": [1] * 71, "length": 3}]}
    status, answer = small.post("/v1/models/numbers:predict", body)
    assert status == 413 and "Received: 71 in instance 0" in answer["error"]


def packed(client, body, encoding="gzip"):
    status, answer = client.call("POST", PREDICT, body, {"Content-Encoding": encoding})
    return status, json.loads(answer)


def test_a_gzipped_body_is_unpacked(small):
    text = json.dumps({"instances": ["a"]}).encode()
    answer = small.post(PREDICT, {"instances": ["a"]})
    for body in (gzip.compress(text), gzip.compress(text[:9]) + gzip.compress(text[9:])):
        for encoding in ("gzip", "GZIP", "x-gzip"):
            assert packed(small, body, encoding) == answer
    status, answer = packed(small, iter([gzip.compress(text)[:7], gzip.compress(text)[7:]]))
    assert status == 200
    assert packed(small, text, "identity")[0] == 200


def test_a_gzipped_body_is_limited_by_what_it_unpacks_to(small):
    for size in (1001, 10**8):
        body = gzip.compress(b" " * size, mtime=0)
        body = body if len(body) <= 1000 else iter([body])
        status, answer = packed(small, body)
        assert status == 413 and "at most 1000 bytes" in answer["error"]
    assert small.post(PREDICT, {"instances": ["a"]})[0] == 200


def test_no_more_is_unpacked_than_may_be_kept(monkeypatch):
    given = []

    async def chunks():
        yield gzip.compress(b" " * 10**7)

    unpack = bodies._Gzip.unpack

    def watched(self, chunk, room):
        part = unpack(self, chunk, room)
        given.append(len(part))
        return part

    monkeypatch.setattr(bodies._Gzip, "unpack", watched)
    with pytest.raises(RequestError):
        asyncio.run(bodies.read_body(chunks(), {"content-encoding": "gzip"}, 1000, 60))
    assert given == [1001]


def test_all_bodies_together_are_limited():
    memory = bodies.Memory(10)
    with memory.of_request() as take:
        take(3)
        take(4)
        with memory.of_request() as other, pytest.raises(RequestError) as caught:
            other(3)
            other(1)
        assert caught.value.status == 503
        take(3)
    with memory.of_request() as take:
        take(10)


@pytest.mark.parametrize(
    "body, encoding, status",
    [
        (b"{}", "gzip", 400),
        (b"", "gzip", 400),
        (gzip.compress(b'{"instances": ["a"]}', mtime=0)[:-5], "gzip", 400),
        (gzip.compress(b'{"instances": ["a"]}', mtime=0) + b"more", "gzip", 400),
        (zlib.compress(b"{}"), "deflate", 415),
        (b"{}", "br", 415),
    ],
)
def test_what_cannot_be_unpacked_is_refused(small, body, encoding, status):
    received, answer = packed(small, body, encoding)
    assert received == status and answer["error"].startswith("Expected ")


class Held:
    """Holds predictions of the signatures that have an input or output of this name."""

    def __init__(self, monkeypatch, name):
        self.began, self.go_on, self.seen = threading.Semaphore(0), threading.Event(), []
        run = Signature.run

        def held(signature, arrays):
            if name in {**signature.inputs, **signature.outputs}:
                self.seen.append([*next(iter(arrays.values()))])
                self.began.release()
                assert self.go_on.wait(60)
            return run(signature, arrays)

        monkeypatch.setattr(Signature, "run", held)


def test_an_answer_that_takes_too_long_is_given_up(exports, running, monkeypatch):
    held = Held(monkeypatch, "tokens")
    app = create_app(exports, Settings(timeout=0.3))
    with running(app) as client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, PREDICT, {"instances": ["a"]})
        assert held.began.acquire(timeout=60)
        for code, answer in (client.post(PREDICT, {"instances": ["b"]}), first.result()):
            assert code == 504 and "Expected an answer within 0.3 seconds" in answer["error"]
        held.go_on.set()
        # On a machine that is busy one answer more may take too long.
        assert any(client.post(PREDICT, {"instances": ["c"]})[0] == 200 for _ in range(100))
    assert [b"b"] not in held.seen, "what nobody waited for was begun"


def test_work_of_a_client_that_has_gone_is_not_begun(exports, running, monkeypatch):
    held = Held(monkeypatch, "tokens")
    with running(create_app(exports)) as client, ThreadPoolExecutor(2) as pool:
        first = pool.submit(client.post, PREDICT, {"instances": ["a"]})
        assert held.began.acquire(timeout=60)
        body = json.dumps({"instances": ["gone"]})
        head = f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", client.port), timeout=60) as connection:
            connection.sendall(f"{head}{body}".encode())
            # Whoever asks after it is behind it in the queue.
            last = pool.submit(client.post, PREDICT, {"instances": ["z"]})
        while client.get("/models.json")[0] != 200:
            pass
        held.go_on.set()
        assert first.result()[0] == last.result()[0] == 200
    assert [b"gone"] not in held.seen and sorted(sum(held.seen, [])) == [b"a", b"z"]


def test_a_client_that_does_not_read_cannot_keep_a_request_from_ending():
    """What the server cancels at its end ends without an exception."""

    async def send(message):
        await asyncio.Event().wait()

    async def scenario():
        path = "/v1/models"
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode()}
        task = asyncio.create_task(
            RestInterface(None, None, Settings())({**scope, "headers": []}, None, send)
        )
        await asyncio.sleep(0)
        task.cancel()
        assert await asyncio.gather(task, return_exceptions=True) == [None]

    asyncio.run(scenario())


def test_models_do_not_wait_for_each_other(exports, running, monkeypatch):
    """All threads of one model are busy, and another one answers."""
    held = Held(monkeypatch, "labels")
    names = ["classify", "tag"] * 4
    app = create_app(exports, Settings(threads=1, max_waiting=8))
    with running(app) as client, ThreadPoolExecutor(8) as pool:
        path = "/v1/models/answers:predict"
        calls = [
            pool.submit(client.post, path, {"signature_name": name, "instances": [name]})
            for name in names
        ]
        assert held.began.acquire(timeout=60)
        assert client.post(PREDICT, {"instances": ["a"]})[0] == 200
        held.go_on.set()
        assert {call.result()[0] for call in calls} == {200}


def test_many_instances_are_answered_in_batches_and_in_order(exports, running, monkeypatch):
    sizes, run = [], Signature.run

    def watched(self, arrays):
        sizes.append(len(arrays["text"]))
        return run(self, arrays)

    monkeypatch.setattr(Signature, "run", watched)
    count = 100_000
    with running(create_app(exports)) as client:
        status, answer = client.post(PREDICT, {"instances": [str(i) for i in range(count)]})
    assert status == 200
    assert [row["text"] for row in answer["predictions"]] == [f"2:{i}" for i in range(count)]
    assert max(sizes) == 256 and sum(sizes) == count


def test_health(exports, running, tmp_path):
    with running(create_app(exports / "bytes")) as client:
        assert client.get("/healthz") == (200, {"status": "ok"})
        assert client.call("HEAD", "/healthz")[0] == 200
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").write_bytes(b"no such thing")
    with running(create_app(tmp_path)) as client:
        status, answer = client.get("/healthz")
        assert status == 503 and answer["error"] == "No model is loaded"


def test_the_access_log_has_a_line_for_each_request(exports, running):
    lines = []
    with running(create_app(exports / "bytes", access_log=lines.append)) as client:
        client.get("/v1/models/bytes")
        client.call("GET", "/v1/models/a%0Ab?c=d", headers={"Host": "evil.example"})
    shown = [line.split(" ")[1:5] for line in lines]
    assert shown == [
        ["127.0.0.1", "GET", "/v1/models/bytes", "200"],
        ["127.0.0.1", "GET", "/v1/models/a%0Ab", "403"],
    ]
