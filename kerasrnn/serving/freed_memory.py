"""Memory that a server has freed, and that the C library would keep."""

from __future__ import annotations

import asyncio
import ctypes
import sys

__all__ = ["give_back", "give_back_every"]


def give_back() -> None:
    """Gives pages that hold nothing any more back to the system, where the C library is glibc.

    It keeps them for the thread that has freed them, so that a server would grow until each of its
    threads had seen the largest request, hours after it was started.

    Example:

    >>> give_back()
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not in every C library
        if trim is not None:
            trim(0)


async def give_back_every(seconds: float) -> None:
    """Does so again and again until it is cancelled, in a thread, for it takes some milliseconds.

    Args:
        seconds: Seconds between two times.
    """
    while True:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(give_back)
