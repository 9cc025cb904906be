"""A new version under load: no request fails, and none is answered by half a version."""

import threading
from concurrent.futures import ThreadPoolExecutor

from kerasrnn.serving import Settings, create_app
from kerasrnn.serving.signature import Signature

PREDICT = "/v1/models/words:predict"


def test_a_new_version_under_load(tmp_path, running, write_words):
    (tmp_path / "words").mkdir()
    write_words(tmp_path / "words" / "1", mark="1:")
    said = []
    swapped = threading.Event()

    def report(sentence):
        said.append(sentence)
        if sentence == "words: version 2":
            swapped.set()

    app = create_app(tmp_path, Settings(poll_interval=0.02), report=report)
    stop = threading.Event()

    def call_again_and_again(client):
        marks = []
        while not stop.is_set():
            status, answer = client.post(PREDICT, {"instances": ["a"]})
            assert status == 200, answer
            marks.append(answer["predictions"][0]["text"])
        return marks

    with running(app) as client, ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(call_again_and_again, client) for _ in range(8)]
        try:
            write_words(tmp_path / "words" / "2", mark="2:")
            assert swapped.wait(60)
            assert client.post(PREDICT, {"instances": ["a"]})[1]["predictions"][0]["text"] == "2:A"
        finally:
            stop.set()
        for call in calls:
            marks = call.result()
            assert set(marks) <= {"1:A", "2:A"}
            assert marks == sorted(marks), "an old answer after a new one"
        _, answer = client.get("/v1/models/words")
    states = [each["state"] for each in answer["model_version_status"]]
    assert states == ["AVAILABLE", "END"]
    assert said == [
        "words: version 1",
        "words: version 2",
        "words: version 1 takes no more requests",
    ]


def test_the_old_version_stays_until_its_requests_are_answered(
    tmp_path, running, write_words, monkeypatch
):
    (tmp_path / "words").mkdir()
    write_words(tmp_path / "words" / "1", mark="1:")
    entered, go_on, retired = threading.Event(), threading.Event(), threading.Event()
    run = Signature.run
    held = []

    def hold_the_first(self, arrays):
        if not held:
            held.append(self)
            entered.set()
            assert go_on.wait(60)
        return run(self, arrays)

    monkeypatch.setattr(Signature, "run", hold_the_first)

    def report(sentence):
        if "takes no more requests" in sentence:
            retired.set()

    app = create_app(tmp_path, Settings(poll_interval=0.02), report=report)
    with running(app) as client, ThreadPoolExecutor(1) as pool:
        old = pool.submit(client.post, PREDICT, {"instances": ["a"]})
        assert entered.wait(60)
        write_words(tmp_path / "words" / "2", mark="2:")
        assert retired.wait(60)
        _, answer = client.get("/v1/models/words")
        states = [each["state"] for each in answer["model_version_status"]]
        assert states == ["AVAILABLE", "UNLOADING"]
        assert client.post(PREDICT, {"instances": ["a"]})[1]["predictions"][0]["text"] == "2:A"
        go_on.set()
        status, answer = old.result()
        assert (status, answer["predictions"][0]["text"]) == (200, "1:A")


def test_a_broken_version_is_reported_and_the_old_one_serves(tmp_path, running, write_words):
    (tmp_path / "words").mkdir()
    write_words(tmp_path / "words" / "1", mark="1:", notes=False)
    failed = threading.Event()

    def report(sentence):
        if "cannot be loaded" in sentence:
            failed.set()

    with running(create_app(tmp_path, Settings(poll_interval=0.02), report=report)) as client:
        (tmp_path / "words" / "2").mkdir()
        (tmp_path / "words" / "2" / "saved_model.pb").write_bytes(b"no such thing")
        assert failed.wait(60)
        _, answer = client.get("/v1/models/words")
        newest, old = answer["model_version_status"]
        assert (newest["state"], old["state"]) == ("END", "AVAILABLE")
        assert newest["status"]["error_code"] == "UNKNOWN" and newest["status"]["error_message"]
        assert client.post(PREDICT, {"instances": ["a"]})[0] == 200
