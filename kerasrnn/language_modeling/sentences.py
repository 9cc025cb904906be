"""Sentences of a text file, for counting and scoring."""

from __future__ import annotations

import os
from collections.abc import Iterator

from kerasrnn.files import numbered_lines

__all__ = ["read_sentences"]


def read_sentences(path: str | os.PathLike[str], encoding: str = "utf-8") -> Iterator[str]:
    """Reads a text file, plain or gzipped, a line at a time.

    Args:
        path: The file.
        encoding: That of the file, a name that Python knows.

    Yields:
        Its lines, without their ends.

    Raises:
        ValueError: For a file that is not there, or a line of another encoding, which is named.
    """
    return (line for _, line in numbered_lines(path, encoding))
