"""What a terminal shows: a sentence for a user's error, a traceback for a bug, no others' lines.

The processes here do not import TensorFlow, and take a tenth of a second each.
"""

import errno
import os
import pathlib
import subprocess
import sys

import cyclopts
import pytest

import kerasrnn
from kerasrnn.checks import UserError
from kerasrnn.cli import main

commands = sys.modules["kerasrnn.cli.main"]

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "LC_", "LANG"))}
ENVIRONMENT["PYTHONPATH"] = str(pathlib.Path(kerasrnn.__file__).parents[1])
# `kerasrnn predict RUN FILE` with another body, which needs nothing.
PROGRAM = """
import sys
from kerasrnn.cli import main
commands = sys.modules["kerasrnn.cli.main"]
def predict(run: str, file: str = "-", /) -> None:
    {body}
commands.predict = predict
sys.exit(main(["predict", *sys.argv[1:]]))
"""


def process(body, *words, options=(), **variables):
    program = PROGRAM.format(body=body)
    return subprocess.Popen(
        [sys.executable, *options, "-c", program, "run", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**ENVIRONMENT, **variables},
    )


@pytest.fixture
def failing(monkeypatch):
    """Makes `kerasrnn predict` raise an error."""

    def fail_with(error):
        def predict(run: str, file: str = "-", /) -> None:
            raise error

        monkeypatch.setattr(commands, "predict", predict)

    return fail_with


PATH = "/some/where.txt"
USERS = {
    "ours": (UserError("Expected a. Received: b"), "Expected a. Received: b"),
    "of two lines": (UserError("Expected a\nb"), "Expected a b"),
    "missing": (FileNotFoundError(errno.ENOENT, "No such file or directory", PATH), PATH),
    "a folder": (IsADirectoryError(errno.EISDIR, "Is a directory", PATH), "Is a directory"),
    "a file for a folder": (NotADirectoryError(errno.ENOTDIR, "Not a directory", PATH), PATH),
    "unreadable": (PermissionError(errno.EACCES, "Permission denied", PATH), "denied"),
    "bytes": (PermissionError(errno.EACCES, "Permission denied", b"/x/\xff"), "/x/"),
    "a long name": (OSError(errno.ENAMETOOLONG, "File name too long", PATH), "too long"),
    "full disk": (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device"),
    "full disk and its path": (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), PATH), PATH),
    "too large": (OSError(errno.EFBIG, os.strerror(errno.EFBIG)), "File too large"),
    "full disk, by HDF5": (
        OSError("Can't write data (errno = 28, error message = 'No space left on device')"),
        "No space left on device",
    ),
    "full disk, by TensorFlow": (RuntimeError("f; No space left on device"), "No space left on"),
}


@pytest.mark.parametrize("error, message", USERS.values(), ids=USERS)
def test_what_a_user_did_wrong_is_one_line(error, message, failing, capsys):
    failing(error)
    assert main(["predict", "run"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("kerasrnn: error: ") and said.count("\n") == 1
    assert message in said


BUGS = [
    ValueError("of numpy"),
    KeyError("units"),
    ConnectionError(errno.ECONNRESET, "Connection reset by peer"),
    FileNotFoundError(errno.ENOENT, "No such file", str(pathlib.Path(kerasrnn.__file__, "x"))),
]


@pytest.mark.parametrize("error", BUGS, ids=lambda error: type(error).__name__)
def test_anything_else_is_a_bug_and_shows_its_traceback(error, failing, capsys):
    failing(error)
    assert main(["predict", "run"]) == 1
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first.startswith("Traceback") and "report" in last


@pytest.mark.parametrize(
    "words", [["--debug", "predict", "run"], ["predict", "--debug", "run"]], ids=["first", "within"]
)
def test_debug_adds_the_traceback_anywhere(words, failing, capsys, monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")  # which it changes
    failing(UserError("Expected a. Received: b"))
    assert main(words) == 2
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first.startswith("Traceback") and last == "kerasrnn: error: Expected a. Received: b"


def test_debug_for_words_that_do_not_parse_and_as_a_value(monkeypatch, capsys):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    assert main(["predict", "--debug", "--unknown", "3"]) == 2
    assert cyclopts.UnknownOptionError.__name__ in capsys.readouterr().err
    got = []

    def predict(run: str, file: str = "-", /) -> None:
        got.append(file)

    monkeypatch.setattr(commands, "predict", predict)
    assert main(["predict", "run", "--", "--debug"]) == 0 and got == ["--debug"]
    assert main(["--help"]) == 0 and "--debug" in capsys.readouterr().out


def test_ctrl_c(failing, capsys):
    failing(KeyboardInterrupt())
    assert main(["predict", "run"]) == 130
    assert capsys.readouterr().err == "\nInterrupted.\n"


@pytest.mark.parametrize("size", [3, 100_000], ids=["at the end", "while it prints"])
def test_output_on_a_full_disk(size):
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(body=f"print('x' * {size})"), "run"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            text=True,
        )
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "No space left on device" in result.stderr


@pytest.mark.parametrize("streams", [">&-", ">&- 2>&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams(streams, tmp_path):
    body = f"print('said'); open({str(tmp_path / 'file')!r}, 'w').write('kept')"
    line = f'exec "$0" -c "$1" run {streams}'
    result = subprocess.run(
        ["sh", "-c", line, sys.executable, PROGRAM.format(body=body)],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    if ">&-" in streams.split():
        assert (result.returncode, result.stdout) == (2, "")
        assert "2>&-" in streams or result.stderr.count("\n") == 1
    else:
        assert (result.returncode, result.stdout, result.stderr) == (0, "said\n", "")
        assert (tmp_path / "file").read_text() == "kept"


def test_a_reader_that_has_seen_enough():
    begun = process("[print('x' * 99) for _ in range(10_000)]")
    begun.stdout.readline()
    begun.stdout.close()
    begun.stdout = None
    assert begun.communicate()[1] == b"" and begun.returncode == 0


LOCALES = {
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.mark.parametrize("variables", LOCALES.values(), ids=LOCALES)
def test_pipes_are_utf_8_in_any_locale(variables):
    body = "print(sys.stdin.readline() + file + chr(0x3b1)); print(chr(0xe9), file=sys.stderr)"
    begun = process(body, "é", **variables)
    output, error = begun.communicate("日\n".encode())
    assert begun.returncode == 0, error
    first, last = output.decode().splitlines()
    assert (first, last[-1], error.decode()) == ("日", "α", "é\n")
    result = subprocess.run(
        [sys.executable, "-m", "kerasrnn", "--help"],
        capture_output=True,
        env={**ENVIRONMENT, **variables},
    )
    assert result.returncode == 0 and "─ Commands ─" in result.stdout.decode()


# What TensorFlow writes, and what else comes from below Python.
OWN_LINES = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795751488.230745    7480 port.cc:153] oneDNN custom operations are on.
E0000 00:00:1795751524.515937    7574 cuda_platform.cc:52] failed call to cuInit: INTERNAL
To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow with flags.
2026-01-02 03:04:05.678901: W tensorflow/core/data.cc:12] Out of range
"""
OTHER_LINES = """\
F0000 00:00:1795751488.230745    7480 bfc_allocator.cc:53] Check failed
terminate called after throwing an instance of 'std::bad_alloc'
  what():  std::bad_alloc
WARNING: something else
I0000 is a name
"""
NOISY = f"""
    import os
    from kerasrnn.cli.quiet import quiet_stderr
    print("before", file=sys.stderr)
    with quiet_stderr():
        os.write(2, {OWN_LINES.encode()!r})
    os.write(2, {(OWN_LINES + OTHER_LINES).encode()!r})
    print("after", file=sys.stderr)
    os.system("echo of a child >&2")
    {{end}}"""


@pytest.mark.parametrize("end", ["raise KeyError(1)", "os.abort()"], ids=["a bug", "a crash"])
def test_only_tensorflows_own_lines_are_held_back(end):
    begun = process(NOISY.format(end=end), TF_CPP_MIN_LOG_LEVEL="1", options=["-W", "error"])
    error = begun.communicate()[1].decode()
    assert begun.returncode == (1 if "raise" in end else -6)
    assert not [line for line in OWN_LINES.splitlines() if line in error]
    rest = error.splitlines()
    assert {"before", "after", "of a child", *OTHER_LINES.splitlines()} <= set(rest)
    assert rest.index("before") < rest.index("after")
    assert ("Traceback" in error) == ("raise" in end)


def test_tensorflows_own_lines_on_request():
    begun = process(NOISY.format(end="pass"), TF_CPP_MIN_LOG_LEVEL="0")
    assert OWN_LINES + OTHER_LINES in begun.communicate()[1].decode()
    begun = process(NOISY.format(end="pass"), "--debug")
    assert OWN_LINES + OTHER_LINES in begun.communicate()[1].decode()
