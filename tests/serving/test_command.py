"""`kerasrnn serve` as a process of its own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest

from kerasrnn.cli import main


@pytest.fixture
def start(exports, serve):
    """Starts the command; gives the process, its lines up to the address, and the address."""
    with contextlib.ExitStack() as stack:
        label = "--label", "words:stable=1"
        yield lambda *options: stack.enter_context(serve(exports, *label, *options))


def post(url, text):
    body = json.dumps({"instances": [text]}).encode()
    with urllib.request.urlopen(url, body, timeout=60) as response:
        return json.load(response)["predictions"]


@pytest.mark.parametrize(
    "number, host, warnings",
    [
        (signal.SIGINT, "127.0.0.1", []),
        pytest.param(
            *(signal.SIGTERM, "0.0.0.0"),
            ["Warning: any machine that reaches it can use the models."],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_it_serves_and_ends_gracefully(start, number, host, warnings):
    process, lines, address = start("--host", host, "--access-log")
    assert lines == [
        "answers: version 1",
        "bytes: version 1",
        "numbers: version 1",
        "words: version 2",
        "words: version 1",
        *warnings,
        f"Serving at {address.replace('127.0.0.1', host)} (Ctrl-C ends it)",
    ]
    url = f"{address}/v1/models/words"
    assert post(f"{url}:predict", "a") == [{"text": "2:A", "tokens": ["a"], "length": 1}]
    assert post(f"{url}/labels/stable:predict", "a")[0]["text"] == "A"
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(f"{url}s:predict", "a")
    with caught.value:
        assert caught.value.code == 404
    process.send_signal(number)
    output, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (0, "")
    assert [line.split(" ")[2:5] for line in output.splitlines()] == [
        ["POST", "/v1/models/words:predict", "200"],
        ["POST", "/v1/models/words/labels/stable:predict", "200"],
        ["POST", "/v1/models/wordss:predict", "404"],
    ]


SWALLOWS = """
import os, signal, time
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)
except KeyboardInterrupt:
    raise SystemExit("It went on.")
"""


def test_one_ctrl_c_ends_it_while_tensorflow_is_imported(exports, tmp_path):
    """TensorFlow's import swallows the exception of Ctrl-C now and then, as this one does."""
    (tmp_path / "tensorflow.py").write_text(SWALLOWS)
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    result = subprocess.run(
        [sys.executable, "-m", "kerasrnn", "serve", str(exports)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "\nInterrupted.\n")


def test_a_request_that_runs_is_answered_before_the_end(exports, running, monkeypatch):
    from kerasrnn.serving import create_app
    from kerasrnn.serving.signature import Signature

    entered, go_on = threading.Event(), threading.Event()
    run = Signature.run

    def held(self, arrays):
        entered.set()
        assert go_on.wait(60)
        return run(self, arrays)

    monkeypatch.setattr(Signature, "run", held)
    answers = []
    with running(create_app(exports)) as client:
        body = {"instances": ["a"]}
        path = "/v1/models/words:predict"
        thread = threading.Thread(target=lambda: answers.append(client.post(path, body)))
        thread.start()
        assert entered.wait(60)
        threading.Timer(0.2, go_on.set).start()
    thread.join()
    assert answers[0][0] == 200


def test_keras_is_not_needed(exports):
    program = f"""
import sys
sys.modules["keras"] = None
import asyncio, pathlib
from kerasrnn.serving import create_app
app = create_app({str(exports)!r})
asyncio.run(app.state.models.refresh())
print(app.state.models.names)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "['answers', 'bytes', 'numbers', 'words']"


@pytest.fixture
def taken_port():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_wrong_words_get_one_sentence(exports, tmp_path, taken_port, capfd):
    (tmp_path / "file").write_text("")
    wrong = {
        "MODEL/VERSION/saved_model.pb.*nowhere": [tmp_path / "nowhere"],
        "MODEL/VERSION/saved_model.pb": [tmp_path],
        "Received: .*file": [tmp_path / "file"],
        f"listened on. Received: 127.0.0.1, port {taken_port}": [exports, "--port", taken_port],
        "`port` to be an integer from 0 to 65,535. Received: 70000": [exports, "--port", 70000],
        "NAME:LABEL=VERSION. Received: 'words=1'": [exports, "--label", "words=1"],
        "labels of the models answers, bytes, numbers, words. Received: x": [
            exports,
            "--label",
            "x:y=1",
        ],
        "--allow-host NAME. Received: 'http://a.b'": [exports, "--allow-host", "http://a.b"],
        "`max_batch` to be an integer of at least 1. Received: 0": [exports, "--max-batch", 0],
        "`batch_wait` to be a finite number of at least 0": [exports, "--batch-wait", -1],
        "`max_tokens` to be an integer of at least 1": [exports, "--max-tokens", 0],
        "`max_instances` to be an integer of at least 1": [exports, "--max-instances", -3],
        "`timeout` to be a finite number above 0": [exports, "--timeout", 0],
        "`read_timeout` to be a finite number above 0": [exports, "--read-timeout", "inf"],
        "`max_body` to be an integer from 1 to 1,048,576. Received: 0": [exports, "--max-body", 0],
    }
    for message, words in wrong.items():
        assert main(["serve", *map(str, words)]) == 2
        error = capfd.readouterr().err
        assert error.startswith("kerasrnn: error: Expected ") and error.count("\n") == 1
        assert re.search(message, error)


def test_what_to_install_is_said(exports, monkeypatch, capsys):
    import importlib.util

    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "uvicorn" else find_spec(name)
    )
    assert main(["serve", str(exports)]) == 2
    assert 'pip install "kerasrnn[serve]". Received: no uvicorn' in capsys.readouterr().err
