"""Encoded examples in a folder, which another run finds again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
from typing import Any

import tensorflow as tf

import kerasrnn
from kerasrnn.checks import DamagedError, UserError
from kerasrnn.datasets.batches.store import Store
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.files import flush, scratch_folder

__all__ = ["cached_store", "check_cache"]

# To be raised where what is written, or how a text is split, changes.
FORMAT = 2


def check_cache(folder: str | os.PathLike[str]) -> None:
    """Raises a `ValueError` where a folder cannot be one of caches."""
    folder = pathlib.Path(folder)
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise UserError(f"Expected a folder for the cache that can be written. Received: {folder}")


def cached_store(
    encoded: tf.data.Dataset, key: tuple[Any, ...], folder: str | os.PathLike[str], source: Any
) -> Store:
    """Opens encoded examples, which are encoded first where they are not there.

    Args:
        encoded: Of batches of examples, see `Store.build`.
        key: What was encoded how, anything that JSON can hold.
        folder: Folder of the caches.
        source: Where the raw examples come from, see `Examples.cached`.

    Returns:
        A `Store` of files in a folder whose name is a digest of key and source.

    Raises:
        ValueError: Where the folder cannot be written.
    """
    check_cache(folder)
    content = json.dumps([FORMAT, kerasrnn.__version__, key, source]).encode("utf-8")
    path = pathlib.Path(folder) / hashlib.blake2b(content, digest_size=16).hexdigest()
    found = _whole(path)
    if found is not None:
        return found
    if not path.exists():
        # Written aside and renamed: neither a run that was stopped nor another worker who writes
        # the same leaves a part of it.
        with scratch_folder(path.parent, "cache") as aside:
            try:
                Store.build(encoded, aside)
                flush(aside)
                aside.rename(path)
                flush(path.parent, within=False)
            except OSError:
                if not path.exists():  # another worker's is as good
                    raise
    return Store.open(path)


def _whole(path: pathlib.Path) -> Store | None:
    """Opens what is there; where it is damaged, it says so and takes it away."""
    if not path.exists():
        return None
    try:
        return Store.open(path)
    except DamagedError as error:
        note(f"{error}; they are encoded again")
    with contextlib.suppress(OSError), scratch_folder(path.parent, "cache") as aside:
        os.replace(path, aside / "damaged")  # it goes with the folder
    return None
