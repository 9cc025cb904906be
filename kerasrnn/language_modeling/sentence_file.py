"""Text files of a sentence a line."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator

__all__ = ["read_sentences"]


def read_sentences(path: str | os.PathLike) -> Iterator[str]:
    """Reads a text file, plain or compressed by gzip, a line at a time.

    Args:
        path: The file, in UTF-8.

    Yields:
        Its lines, without their ends.

    Raises:
        ValueError: For a line that is not UTF-8; the message names the file and the line.
    """
    with open(path, "rb") as file:
        compressed = file.peek(2)[:2] == b"\x1f\x8b"
        for number, line in enumerate(gzip.open(file) if compressed else file, start=1):
            try:
                yield line.rstrip(b"\r\n").decode("utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{path}, line {number}: expected UTF-8. "
                    f"Received: {line[error.start : error.end]!r} at byte {error.start + 1}"
                ) from None
