"""What a user who starts `kerasrnn serve` is guarded against, without a word of options."""

import json

import pytest

from tests.conftest import Client

PREDICT = "/v1/models/words:predict"


@pytest.fixture(scope="module")
def served(exports, serve):
    """A client of the command, and its process."""
    with serve(exports) as (process, _, address):
        yield Client(int(address.rpartition(":")[2])), process


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
    client, _ = served
    body = json.dumps({"instances": ["a"]})
    for method, path in (("POST", PREDICT), ("GET", "/v1/models/words"), ("GET", "/")):
        code, answer = client.call(method, path, body if method == "POST" else None, headers)
        assert code == 403 and json.loads(answer)["error"].startswith("Expected a request ")
    own = {"Origin": f"http://127.0.0.1:{client.port}"}
    assert client.call("POST", PREDICT, body, own)[0] == 200
