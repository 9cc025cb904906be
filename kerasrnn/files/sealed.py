"""Files that show it when a byte of them has changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any

from kerasrnn.checks import DamagedError
from kerasrnn.files.json_files import json_text, read_json, write_json

__all__ = ["check_digest", "content_digest", "file_digest", "read_sealed", "write_sealed"]

PIECE = 2**22
# The entry of a JSON file that holds the digest of its other entries.
SEAL = "seal"


def file_digest(path: str | os.PathLike[str]) -> str:
    """Returns a digest of what a file holds."""
    digest = hashlib.blake2b(digest_size=16)
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def check_digest(path: str | os.PathLike[str], expected: str) -> None:
    """Raises a `DamagedError` where a file is missing or is not what it was when it was written.

    Args:
        path: The file.
        expected: What `file_digest` returned then.
    """
    try:
        found = file_digest(path)
    except OSError as error:
        raise DamagedError(
            f"Expected {path} as it was written. Received: {error.strerror}"
        ) from None
    if found != expected:
        raise DamagedError(f"Expected {path} as it was written. Received: other contents")


def content_digest(content: Mapping[str, Any]) -> str:
    """Returns a digest of what a JSON file holds, whatever the order of its entries."""
    ordered = {name: content[name] for name in sorted(content) if name != SEAL}
    text = json_text(ordered).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def write_sealed(path: str | os.PathLike[str], content: Mapping[str, Any]) -> None:
    """Writes a dictionary as JSON, with a digest of it as its entry `seal`."""
    write_json(path, {**content, SEAL: content_digest(content)})


def read_sealed(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads what `write_sealed` wrote; a file without a seal is of an older version, and is read.

    Raises:
        DamagedError: Where it is not there, is no JSON object, or is not as it was written.
    """
    try:
        content = read_json(path)
    except ValueError as error:
        raise DamagedError(f"Expected {path} as it was written. Received: {error}") from None
    if not isinstance(content, dict) or content.get(SEAL, "") != (
        content_digest(content) if SEAL in content else ""
    ):
        raise DamagedError(f"Expected {path} as it was written. Received: other contents")
    return content
