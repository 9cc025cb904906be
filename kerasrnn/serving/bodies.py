"""Request bodies of bounded size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from kerasrnn.serving.errors import RequestError

__all__ = ["discard", "read_body"]


async def read_body(
    chunks: AsyncIterator[bytes], content_length: str | None, max_size: int
) -> bytes:
    """Reads a body, whether or not it says how long it is.

    Args:
        chunks: What the client sends.
        content_length: The header of that name.
        max_size: Maximum number of bytes.

    Raises:
        RequestError: With 413 where it is longer, before anything beyond the limit is kept.
    """
    if content_length is not None and content_length.isdecimal() and int(content_length) > max_size:
        raise _too_large(f"{content_length} bytes", max_size)
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > max_size:
            raise _too_large("more", max_size)
    return bytes(body)


async def discard(chunks: AsyncIterator[bytes], seconds: float) -> None:
    """Discards what a client still sends, so that the client reads the answer.

    Most clients write the whole body first; one whose connection is cut meanwhile reports that
    instead of the answer.

    Args:
        chunks: What the client sends.
        seconds: How long it may go on.
    """

    async def drain():
        async for _ in chunks:
            pass

    try:
        await asyncio.wait_for(drain(), seconds)
    except Exception:  # too slow, or gone
        pass


def _too_large(received: str, max_size: int) -> RequestError:
    return RequestError(f"Expected a body of at most {max_size} bytes. Received: {received}", 413)
