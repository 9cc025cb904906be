"""What the parts of the fuzz share: how many cases there are, and what is a clean end."""

import contextlib
import io
import unittest.mock

import hypothesis
import pytest

from kerasrnn.cli.main import main

# In all parts 228 cases in the default suite, the same ones each time, and 2,280 in the slow one.
CASES = pytest.mark.parametrize("number", [40, pytest.param(400, marks=pytest.mark.slow)])
HOSTILE = [
    *("", " ", "0", "-1", "1", "2", "7", "1.5", "1e9", "1e400", "-1e-400", "nan", "inf", "-inf"),
    *("None", "null", "true", "9" * 50, "1_000", "0x10", "١٢", "½", "10**9", "1000000000000"),
    *("2147483647", "16384", "100000", "-0", "+3", "[]", "{}", "=", ",", "a=b", "a,b", ",,", ":"),
    *("-", "'", '"', "\\", "\x00", "\n", "\t", "\udcff", "🙂", "é" * 300, "/", ".", "..", "~", "*"),
    *("/dev/null", "%s", "{0}", "utf-16", "no\u2028line", "\ufeff", "NaN", "-" * 99),
]


def tried(number, check, **strategies):
    """Calls a check with examples of some strategies, the default suite with the same ones."""
    settings = hypothesis.settings(
        max_examples=number,
        deadline=None,
        derandomize=number < 100,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    settings(hypothesis.given(**strategies)(check))()


def ends_cleanly(words):
    """Runs a command, which has to end with 0, or with 2 and a sentence."""
    said, error = io.StringIO(), io.StringIO()
    lines = io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"so far\n")))
    with (
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(error),
        unittest.mock.patch("sys.stdin", lines),
    ):
        code = main(words)
    lines = error.getvalue().strip("\n").split("\n")
    assert code in (0, 2), (words, error.getvalue())
    assert "Traceback" not in error.getvalue(), (words, error.getvalue())
    if code == 2:
        assert lines[-1].startswith("kerasrnn: error: "), (words, lines)
