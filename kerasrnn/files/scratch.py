"""Folders that are written aside, and taken away where their process died."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import uuid
from collections.abc import Iterator

import filelock

from kerasrnn.checks import UserError

__all__ = ["scratch_folder"]

LOCK = ".lock"


@contextlib.contextmanager
def scratch_folder(parent: pathlib.Path, kind: str) -> Iterator[pathlib.Path]:
    """Makes a hidden folder to write into, which is gone at the end unless it was renamed.

    Those of the same kind that dead processes have left in `parent` are removed first. A lock
    beside each folder tells whether its process lives, on other machines that share the disk too.

    Args:
        parent: The folder that it is in, made where it is not there.
        kind: What the names of such folders begin with.

    Yields:
        The folder, empty, with the permissions that the user's umask leaves.

    Raises:
        UserError: Where `parent` cannot be written.

    Example:

    >>> with scratch_folder(pathlib.Path("saved_models"), "export") as folder:  # doctest: +SKIP
    ...     folder.rename("saved_models/1")
    """
    folder = parent / f".{kind}-{uuid.uuid4().hex}"
    lock = filelock.FileLock(folder.with_suffix(LOCK), thread_local=False)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for path in parent.glob(f".{kind}-*{LOCK}"):
            _remove_if_dead(path)
        lock.acquire()
        folder.mkdir()
    except OSError as error:
        raise UserError(f"Expected a folder to write to. Received: {parent} ({error})") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        pathlib.Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _remove_if_dead(path: pathlib.Path) -> None:
    """Removes what belongs to a lock that no process has."""
    lock = filelock.FileLock(path, thread_local=False)
    with contextlib.suppress(filelock.Timeout, OSError), lock.acquire(timeout=0):
        shutil.rmtree(path.with_suffix(""), ignore_errors=True)
        path.unlink(missing_ok=True)
