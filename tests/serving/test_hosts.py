"""Names and sites that are answered, and that the command refuses the others by itself."""

import asyncio
import json

import pytest

from kerasrnn.serving.clients.hosts import Hosts

PREDICT = "/v1/models/words:predict"
OTHER_SITES = [
    "http://evil.example",
    "https://evil.example:8501",
    "http://localhost:1",  # another program of this machine
    "http://127.0.0.1",
    "null",
    "file://",
    "http://[",
    "",
]


async def passed(app, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def status(allowed, **headers):
    """Sends one request through the check; gives the status and what it says."""
    sent = []

    async def send(message):
        sent.append(message)

    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "headers": pairs}
    asyncio.run(Hosts(passed, allowed)(scope, None, send))
    return sent[0]["status"], json.loads(sent[1]["body"]).get("error", "")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "localhost.:1", "127.0.0.1:1", "[::1]:1", "[::1]"]
)
def test_names_of_this_machine_are_answered(host):
    assert status((), host=host) == (200, "")


def test_a_request_without_a_name_is_answered():  # HTTP/1.0, which no browser speaks
    assert status(()) == (200, "")


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:80", "10.0.0.1", "", "localhost@evil.example"]
)
def test_another_name_is_refused_unless_it_is_allowed(host):
    code, reason = status((), host=host)
    assert code == 403 and reason.startswith("Expected a request to localhost")
    assert status(None, host=host)[0] == 200
    assert status({"models.example.org"}, host=host)[0] == 403
    for name in ("models.example.org", "MODELS.example.org.:8501"):
        assert status({"Models.Example.org"}, host=name)[0] == 200


@pytest.mark.parametrize("origin", OTHER_SITES)
@pytest.mark.parametrize("allowed", [(), {"127.0.0.1", "models.example.org"}, None])
def test_pages_of_other_sites_are_refused(allowed, origin):
    code, reason = status(allowed, host="localhost:8501", origin=origin)
    assert code == 403 and reason.startswith("Expected a request of a program")


def test_its_own_page_may_ask_also_behind_a_proxy():
    assert status((), host="localhost:8501", origin="http://localhost:8501")[0] == 200
    for host in ("models.example.org", "127.0.0.1:8501"):  # as proxies pass it on or replace it
        headers = {"host": host, "origin": "https://models.example.org"}
        assert status({"models.example.org"}, **headers)[0] == 200
    assert status({"models.example.org"}, host="localhost", origin="https://a.b")[0] == 403
