"""The versions of what made a run."""

from __future__ import annotations

import contextlib
import importlib.metadata
import platform

__all__ = ["versions"]

RECORDED = ("kerasrnn", "keras", "tensorflow", "tensorflow-datasets", "Babel", "numpy")


def versions() -> dict[str, str]:
    """Versions of what made a run, as far as it is installed."""
    found = {"python": platform.python_version()}
    for package in RECORDED:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found
