"""`kerasrnn chat`: what it is told of a dialogue, and what it says."""

import io

import pytest

from kerasrnn import Tokenizer, Translator, Vocabulary, encoder_decoder
from kerasrnn.cli import main


@pytest.fixture
def run(tmp_path):
    tokenizer = Tokenizer(Vocabulary("abc\n "))
    size = len(tokenizer.vocabulary)
    model = encoder_decoder(size, size, cell="gru", units=3, embedding=2)
    Translator(model, tokenizer, tokenizer, 5, {"turns": 3}).save(tmp_path / "run")
    return str(tmp_path / "run")


@pytest.fixture
def told(monkeypatch):
    """What `predict` was asked, which it answers with a number."""
    sources = []

    def predict(self, inputs):
        sources.extend(inputs)
        return [f"answer\n{len(sources)}"]

    monkeypatch.setattr(Translator, "predict", predict)
    return sources


def say(monkeypatch, text, encoding="utf-8"):
    said = text if isinstance(text, bytes) else text.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(said), encoding))


def test_the_last_turns_are_told(run, told, monkeypatch, capsys):
    say(monkeypatch, "hi\nhow\nwhy\r\n\nnew\n")
    assert main(["chat", run]) == 0
    assert told == ["hi", "hi\nanswer\n1\nhow", "how\nanswer\n2\nwhy", "new"]
    assert capsys.readouterr().out == "answer 1\nanswer 2\nanswer 3\nanswer 4\n"


def test_turns_can_be_chosen(run, told, monkeypatch):
    say(monkeypatch, "hi\nhow\n")
    assert main(["chat", run, "--turns", "1"]) == 0
    assert told == ["hi", "how"]


def test_it_answers_what_the_model_answers(run, monkeypatch, capsys):
    say(monkeypatch, "a")
    assert main(["chat", run]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_wrong_words(run, tmp_path, capsys, monkeypatch):
    say(monkeypatch, "")
    assert main(["chat", str(tmp_path / "nowhere")]) == 2
    assert main(["chat", run, "--turns", "-1"]) == 2
    assert "`turns` to be an integer of at least 1" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_bytes_are_read_as_predict_reads_them(encoding, run, told, monkeypatch, capsys):
    say(monkeypatch, "café\x85\x0c \n".encode() + b"\xff\n", encoding)
    assert main(["chat", run]) == 2
    assert told == ["café\x85\x0c "]
    assert "standard input, line 2: expected UTF-8" in capsys.readouterr().err


def test_a_terminal_is_prompted_and_told_how_to_end(run, told, monkeypatch, capsys):
    say(monkeypatch, "hi\n")
    for stream in ("stdin", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    assert main(["chat", run]) == 0
    said = capsys.readouterr()
    assert said.out == "> answer 1\n> " and "Ctrl-D ends it" in said.err
