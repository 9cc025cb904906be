"""Request bodies of bounded size, in bounded time."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from kerasrnn.serving.errors import RequestError

__all__ = ["Memory", "discard", "read_body"]

# A body gets a further second for each of these many bytes.
LEAST_SPEED = 10_000


class Memory:
    """What the bodies of all requests may take together, from their first byte to their answer.

    Args:
        size: In bytes.
    """

    def __init__(self, size: int):
        self._free = size

    @contextlib.contextmanager
    def of_request(self) -> Iterator[Callable[[int], None]]:
        """Gives a function that takes so many bytes for one request, until its end.

        It raises a `RequestError` with 503 where they are not free.
        """
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if size > self._free:
                raise RequestError(
                    "The server is busy: other requests fill its memory. Try again later", 503
                )
            self._free -= size
            taken += size

        try:
            yield take
        finally:
            self._free += taken


async def read_body(
    chunks: AsyncIterator[bytes],
    headers: Mapping[str, str],
    max_size: int,
    seconds: float,
    take: Callable[[int], None] = lambda size: None,
) -> bytes:
    """Reads a body, whether or not it says how long it is, and unpacks it where it is gzipped.

    Args:
        chunks: What the client sends.
        headers: `content-length` and `content-encoding`, where it sent them.
        max_size: Maximum number of bytes, as they are sent and unpacked.
        seconds: How long the first bytes may take; each 10,000 give a further second.
        take: Called with the size of each part that is kept, see `Memory`.

    Raises:
        RequestError: With 413 where it is longer, before anything beyond the limit is kept or
            unpacked; with 408 where it takes longer; with 400 and 415 where it is no gzip.
    """
    content_length = headers.get("content-length")
    if content_length is not None and content_length.isdecimal() and int(content_length) > max_size:
        raise _too_large(f"{content_length} bytes", max_size)
    unpacker = _unpacker(headers.get("content-encoding", ""))
    body, received = bytearray(), 0
    begin = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(seconds) as limit:
            async for chunk in chunks:
                received += len(chunk)
                room = max_size + 1 - len(body)
                part = unpacker.unpack(chunk, room) if unpacker else chunk
                if max(received, len(body) + len(part)) > max_size:
                    raise _too_large("more", max_size)
                take(len(part))
                body += part
                limit.reschedule(begin + seconds + received / LEAST_SPEED)
    except TimeoutError:
        raise RequestError(
            f"Expected the body within {seconds:g} seconds, and one more for each "
            f"{LEAST_SPEED} bytes. Received: {received} bytes",
            408,
        ) from None
    if unpacker:
        unpacker.check_end()
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


class _Gzip:
    """Unpacks a stream of gzip, which may have several members."""

    def __init__(self):
        self._member = zlib.decompressobj(wbits=31)

    def unpack(self, chunk: bytes, room: int) -> bytes:
        """Unpacks what fits into the room, and forgets the rest."""
        unpacked = bytearray()
        while chunk and len(unpacked) < room:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            try:
                unpacked += self._member.decompress(chunk, room - len(unpacked))
            except zlib.error:
                raise _broken() from None
            chunk = self._member.unused_data or self._member.unconsumed_tail
        return bytes(unpacked)

    def check_end(self) -> None:
        if not self._member.eof:
            raise _broken()


def _unpacker(encoding: str) -> _Gzip | None:
    encoding = encoding.strip().lower()
    if encoding in ("gzip", "x-gzip"):
        return _Gzip()
    if encoding in ("", "identity"):
        return None
    raise RequestError(f"Expected Content-Encoding gzip or none. Received: {encoding[:100]}", 415)


def _broken() -> RequestError:
    return RequestError("Expected a gzipped body, as Content-Encoding says. Received: no gzip")


def _too_large(received: str, max_size: int) -> RequestError:
    return RequestError(f"Expected a body of at most {max_size} bytes. Received: {received}", 413)
