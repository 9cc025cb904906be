"""What a command shows when it fails: a sentence for a user's error, a traceback for a bug."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sys
import traceback

import cyclopts

import kerasrnn
from kerasrnn.checks import DivergedError, StoppedError, UserError
from kerasrnn.files import without_room

__all__ = ["WRONG_INPUT", "drop_output", "failed", "open_streams"]

BUG, WRONG_INPUT, DIVERGED, STOPPED = 1, 2, 3, 75
PACKAGE = pathlib.Path(kerasrnn.__file__).parent
# A character that a terminal cannot show is shown as a number.
REPLACE = "backslashreplace"


def failed(error: Exception, debug: bool = False) -> int:
    """Shows on standard error why a command failed.

    Args:
        error: What was raised.
        debug: Whether the traceback of a user's error is shown too.

    Returns:
        The exit code: 2 for a user's error, 3 for a training that diverged, 75 for one that was
        asked to stop, 1 for a bug of this package.
    """
    sentence = _sentence(error)
    if sentence is None or debug:
        traceback.print_exception(error)
    if sentence is None:
        sentence = "this is a bug of kerasrnn: please report it with the lines above."
    # On one line, whatever a file may be called.
    kind = "" if isinstance(error, StoppedError) else "error: "
    print(f"kerasrnn: {kind}{' '.join(sentence.splitlines())}", file=sys.stderr)
    try:
        sys.stdout.flush()
    except OSError:
        drop_output()
    if isinstance(error, DivergedError):
        return DIVERGED
    if isinstance(error, StoppedError):
        return STOPPED
    return BUG if _sentence(error) is None else WRONG_INPUT


def _sentence(error: Exception) -> str | None:
    """Says what the user did wrong; `None` for a bug."""
    if isinstance(error, (UserError, DivergedError, StoppedError, cyclopts.CycloptsError)):
        return str(error)
    full = without_room(error)
    if full is not None:
        place = getattr(error, "filename", None)
        return f"Expected room to write{f' {place}' if place else ''}. Received: {full}"
    # The system says which path it refused. It is the user's unless it belongs to this package.
    path = error.filename if isinstance(error, OSError) else None
    if not isinstance(error, OSError) or not isinstance(path, (str, bytes, os.PathLike)):
        return None
    path = pathlib.Path(os.fsdecode(path))
    if PACKAGE in path.absolute().parents:
        return None
    return f"Expected a path that can be used. Received: {str(path)!r} ({error.strerror})"


def open_streams() -> bool:
    """Makes the standard streams take every text.

    Files and pipes are UTF-8, whatever the locale; a terminal keeps its encoding, and shows a
    character that it lacks as a number, such as `\\u03b1`.

    Returns:
        Whether there is a standard output.
    """
    for name, mode in (("stdin", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed; a file opened later would take its place
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))
    if sys.stdout is None:
        print("kerasrnn: error: Expected an open standard output. Received: none", file=sys.stderr)
        return False
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # others may have been put in place
        if reconfigure is not None:
            encoding = stream.encoding if stream.isatty() else "utf-8"
            reconfigure(encoding=encoding, errors="strict" if stream is sys.stdin else REPLACE)
    return True


def drop_output() -> None:
    """Lets go of output that nobody takes, so that Python does not try again at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
