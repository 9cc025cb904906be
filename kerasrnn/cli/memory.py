"""What a process that computes for minutes does with memory that it has freed."""

from __future__ import annotations

import ctypes
import sys

__all__ = ["keep_freed_memory"]

# The numbers of these options in malloc.h, and the greatest value of the second.
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
NEVER = 2**31 - 1


def keep_freed_memory() -> None:
    """Lets the C library keep what it frees for the next tensors, where it is glibc.

    By default it maps each large tensor from the system and gives it back a moment later, and the
    system fills every page with zeros anew. On virtual machines that was up to half the time of a
    training step. The process then stays as large as it ever was.

    Example:

    >>> keep_freed_memory()
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not in every C library
        if mallopt is not None:
            mallopt(M_MMAP_MAX, 0)
            mallopt(M_TRIM_THRESHOLD, NEVER)
