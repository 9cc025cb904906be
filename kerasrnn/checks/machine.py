"""What this machine can hold, asked before memory is taken."""

from __future__ import annotations

import contextlib
import os
import pathlib

from kerasrnn.checks.user_error import UserError

__all__ = ["check_memory", "memory_limit"]

# What containers are given, by the two kinds of control groups of Linux.
LIMITS = (
    pathlib.Path("/sys/fs/cgroup/memory.max"),
    pathlib.Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_limit() -> int | None:
    """Returns the bytes of memory of this machine, or of its container; `None` if that is unknown.

    Example:

    >>> memory_limit() is None or memory_limit() > 2**20
    True
    """
    found = []
    with contextlib.suppress(AttributeError, OSError, ValueError):  # not every system tells
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in LIMITS:
        with contextlib.suppress(OSError, ValueError):  # "max" is no number
            found.append(int(path.read_text()))
    return min(found, default=None)


def check_memory(what: str, needed: int, received: str) -> None:
    """Raises a `UserError` for what this machine cannot hold.

    Args:
        what: What takes the memory.
        needed: How many bytes at least.
        received: By what options.

    Example:

    >>> check_memory("the weights of the model", 2**20, "units=64")
    """
    limit = memory_limit()
    if limit is not None and needed > limit:
        raise UserError(
            f"Expected {what} to fit the {limit / 1e9:,.1f} GB of memory of this machine. "
            f"Received: {received}, which takes at least {needed / 1e9:,.1f} GB"
        )
