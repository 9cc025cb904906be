"""Keeps TensorFlow's own lines from the terminal, and nothing else."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, cast

__all__ = ["LEVEL", "quiet_stderr", "restore_stderr", "say"]

# The level of TensorFlow's log; 0 shows all of it.
LEVEL = "TF_CPP_MIN_LOG_LEVEL"
# Passes on what is no line of that log, fatal errors (F) too. It is a process of its own, so that
# the last words of one that crashes are not lost with it.
_PROGRAM = r"""
import os, re, sys
own_lines = re.compile(
    rb"[IWE]\d{4} \d\d:\d\d:\d+\.\d+ +\d+ \S+:\d+\] "
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] \S+:\d+\] "
    rb"|WARNING: All log messages before absl::InitializeLog\(\) is called"
    rb"|To enable the following instructions: .* rebuild TensorFlow"
)
for line in sys.stdin.buffer:
    while line and not own_lines.match(line):
        line = line[os.write(2, line):]
"""
# How to undo it; empty while standard error is as it was.
_undo = contextlib.ExitStack()


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Imports what loads TensorFlow; from here on its own lines do not reach standard error.

    C++ code writes them to file descriptor 2, which becomes a pipe to a process that passes on
    everything else. `sys.stderr` goes on writing to the terminal itself: tracebacks, messages and
    progress bars. Where the user asks for all of TensorFlow's log, nothing changes.
    """
    if "tensorflow" not in sys.modules and os.environ.get(LEVEL) != "0":
        restore_stderr()
        with contextlib.suppress(OSError):  # no standard error, or no room for a process
            _divert()
    yield


def restore_stderr() -> None:
    """Makes standard error what it was, when all that is to be shown has been."""
    _undo.close()


def _divert() -> None:
    terminal = os.dup(2)
    # Ctrl-C is for the command; the other process ends with it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
    except OSError:
        os.close(terminal)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    with cast(IO, process.stdin) as pipe:
        os.dup2(pipe.fileno(), 2)
    _undo.callback(process.wait)
    _undo.callback(os.close, terminal)
    _undo.callback(os.dup2, terminal, 2)
    if _writes_to(sys.stderr, 2):
        _undo.callback(setattr, sys, "stderr", sys.stderr)
        sys.stderr.flush()
        sys.stderr = io.TextIOWrapper(
            open(os.dup(terminal), "wb", buffering=0),
            encoding=sys.stderr.encoding,
            errors="backslashreplace",
            write_through=True,
        )
        _undo.callback(sys.stderr.close)


def _writes_to(stream, descriptor: int) -> bool:
    with contextlib.suppress(AttributeError, OSError, ValueError):
        return stream.fileno() == descriptor
    return False


def say(text: str) -> None:
    """Writes a line for somebody who waits to standard error, where it is a terminal."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)
