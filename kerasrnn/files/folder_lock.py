"""One process writes into a folder; what a dead one left half-written goes."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shutil
import types
from collections.abc import Callable, Iterator

import filelock

from kerasrnn.checks import UserError

__all__ = ["FolderLock", "one_at_a_time"]

# The names that `beside` writes to, with the number of the process.
UNFINISHED = re.compile(r"\.\d+-.+")


class FolderLock:
    """Keeps other processes from writing into a folder, from `hold` to the end of the context.

    The operating system gives the lock back when its process ends, however that ends. The file of
    the lock stays: it tells that what the folder holds was begun by a process that had it.

    Args:
        folder: The folder, which need not be there yet.
        name: The path of the lock's file in the folder.

    Example:

    >>> with FolderLock("runs/films", "state/lock") as lock:  # doctest: +SKIP
    ...     lock.hold()  # from here on other processes get an error
    """

    def __init__(self, folder: str | os.PathLike[str], name: str):
        self.folder = pathlib.Path(folder)
        self.path = self.folder / name
        self._lock = filelock.FileLock(self.path, thread_local=False)

    @property
    def is_held(self) -> bool:
        """Whether this object has the lock."""
        return self._lock.is_locked

    def hold(self) -> None:
        """Makes the folder where it is not there, and takes the lock; nothing if it has it.

        What a process that was killed had half-written into the folder is removed.

        Raises:
            UserError: Where another process has it, or the folder cannot be written.
        """
        if self.is_held:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            raise UserError(
                "Expected a folder that no other process writes into. "
                f"Received: {self.folder}, which a training has that still runs"
            ) from None
        except OSError as error:
            raise UserError(
                f"Expected a folder that can be written. Received: {self.folder} ({error})"
            ) from None
        for path in list(self.folder.rglob(".*")):
            if UNFINISHED.fullmatch(path.name) and path.exists():
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def __enter__(self) -> FolderLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        self._lock.release()


@contextlib.contextmanager
def one_at_a_time(
    path: str | os.PathLike[str], waits: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Waits until no other process is in such a context, where the second `FolderLock` gives up.

    Args:
        path: The lock's file, which is there as long as the context; its folder is made.
        waits: Called before it waits, if it does.

    Raises:
        UserError: Where the folder cannot be written.

    Example:

    >>> with one_at_a_time("prepared/.dates.lock", lambda: print("Waiting")):  # doctest: +SKIP
    ...     number = 7
    """
    path = pathlib.Path(path)
    lock = filelock.FileLock(path, thread_local=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            waits()
            lock.acquire(poll_interval=0.2)
    except OSError as error:
        raise UserError(
            f"Expected a folder that can be written. Received: {path.parent} ({error})"
        ) from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows removes no open file
            path.unlink()
        lock.release()
