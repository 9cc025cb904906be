"""What a user who starts `kerasrnn serve` is guarded against, without a word of options."""

import contextlib
import json
import pathlib
import runpy
import signal
import socket
import time

import pytest

from tests.conftest import Client

LOAD = pathlib.Path(__file__).parents[2] / "benchmarks" / "serving_load.py"
PREDICT = "/v1/models/words:predict"


@pytest.fixture(scope="module")
def served(exports, serve):
    """A client of the command."""
    with serve(exports, "--read-timeout", 1) as (process, _, address):
        client = Client(int(address.rpartition(":")[2]))
        client.process = process
        yield client


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://evil.example", "Content-Type": "text/plain"},
        {"Origin": "null", "Content-Type": "text/plain"},
    ],
    ids=repr,
)
def test_other_names_and_sites_are_refused(served, headers):
    body = json.dumps({"instances": ["a"]})
    for method, path in (("POST", PREDICT), ("GET", "/v1/models/words"), ("GET", "/")):
        code, answer = served.call(method, path, body if method == "POST" else None, headers)
        assert code == 403 and json.loads(answer)["error"].startswith("Expected a request ")
    own = {"Origin": f"http://127.0.0.1:{served.port}"}
    assert served.call("POST", PREDICT, body, own)[0] == 200


HEAD = f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\n"
SLOW = {
    "the head": f"{HEAD}X-Slow: ",
    "a body": f"{HEAD}Content-Length: 50\r\n\r\n ",
    "a body in chunks": f"{HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n \r\n",
}


@contextlib.contextmanager
def connected(client, text):
    with socket.create_connection(("127.0.0.1", client.port), timeout=60) as connection:
        connection.sendall(text.encode())
        yield connection


def everything_from(connection):
    """What comes until the server closes the connection."""
    received = b""
    while part := connection.recv(65536):
        received += part
    return received


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_who_sends_a_byte_of_something_is_told_that_it_takes_too_long(served, text):
    with connected(served, text) as connection:
        received = everything_from(connection)
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b"within 1 seconds" in received and b"connection: close" in received


def test_a_byte_now_and_then_gives_no_more_time(served):
    for text in (SLOW["the head"], SLOW["a body"], f"POST / HTTP/1.1\r\n{HEAD}"):
        with connected(served, text) as connection, contextlib.suppress(OSError):
            connection.settimeout(0.2)
            for _ in range(50):  # ten seconds
                connection.sendall(b" ")
                with contextlib.suppress(TimeoutError):
                    if not connection.recv(65536):
                        break
            else:
                raise AssertionError("The server still waits.")


def is_open_there(connection):
    """Whether the other end of a connection on this machine still has it open."""
    ends = [connection.getpeername()[1], connection.getsockname()[1]]
    pair = [f"0100007F:{port:04X}" for port in ends]
    rows = (line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines())
    return any(row[1:4] == [*pair, "01"] for row in rows)


@pytest.mark.skipif(not pathlib.Path("/proc/net/tcp").exists(), reason="looks at Linux's table")
def test_who_does_not_read_the_answer_is_not_waited_for(served):
    body = json.dumps({"instances": ["a" * 2000] * 4000})
    with socket.socket() as connection:
        connection.settimeout(60)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", served.port))
        connection.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        head = connection.recv(1000)
        assert head.startswith(b"HTTP/1.1 200 ") and is_open_there(connection)
        while is_open_there(connection):
            time.sleep(0.05)
    assert served.get("/v1/models/words")[0] == 200


def test_who_says_nothing_is_not_waited_for(served):
    with connected(served, "") as connection:
        assert everything_from(connection) == b""


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_64_clients_beside_those_that_disturb(served, seconds, monkeypatch):
    monkeypatch.syspath_prepend(LOAD.parent)
    crowd = runpy.run_path(str(LOAD))["Crowd"](served.port, PREDICT)
    crowd.run([f"client {number}" for number in range(64)], 64, seconds, disturbed=True)
    assert set(crowd.statuses) == {200} and sum(crowd.statuses.values()) >= 64
    assert set(crowd.disturbers) == {("at the limit", 200), ("slow", 408), ("gone", None)}


def test_the_end_waits_for_no_slow_client(served):
    """The last test of this server: SIGTERM ends it while a request has sent a byte of its body."""
    with connected(served, f"{HEAD}Content-Length: 90000\r\n\r\n" + " " * 80_000) as connection:
        assert served.get("/v1/models/words")[0] == 200
        served.process.send_signal(signal.SIGTERM)
        received = everything_from(connection)
        output, error = served.process.communicate(timeout=30)
    assert received.startswith(b"HTTP/1.1 503 ") and b"The server ends" in received
    assert (served.process.returncode, output) == (0, "")
    assert "Traceback" not in error
