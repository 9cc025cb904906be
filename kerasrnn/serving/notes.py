"""The description of an export in its `assets/kerasrnn.json`."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from typing import Any

__all__ = ["lengths_of", "read_notes"]


def read_notes(version: pathlib.Path) -> dict[str, Any]:
    """Reads the notes of a version.

    Args:
        version: Folder of the version.

    Returns:
        What is in the file; an empty dictionary where there is none, or none of format 1.
    """
    try:
        content = json.loads((version / "assets" / "kerasrnn.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    known = isinstance(content, dict) and content.get("format") == 1
    return content if known and isinstance(content.get("signatures", {}), dict) else {}


def lengths_of(notes: Mapping[str, Any], signature: str) -> dict[str, list[str | None]] | None:
    """Returns which output holds the lengths of which axes of the outputs of a signature.

    Args:
        notes: What `read_notes` gave.
        signature: Name of the signature.

    Returns:
        What `joining.trim` takes, or `None` where the notes do not describe the signature.
    """
    described = notes.get("signatures", {}).get(signature)
    if not isinstance(described, dict):
        return None
    lengths = described.get("lengths", {})
    if not isinstance(lengths, dict):
        return {}
    return {
        name: axes
        for name, axes in lengths.items()
        if isinstance(axes, list) and all(axis is None or isinstance(axis, str) for axis in axes)
    }
