"""Writing: the old file or the new one, whole, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import errno
import gzip
import os
import pathlib
import shutil
from collections.abc import Callable, Iterator
from typing import TextIO

from kerasrnn.checks import UserError

__all__ = ["beside", "flush", "open_beside", "room_in", "without_room", "write_beside"]

# A disk, a user's share of it, or a file that is full.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_beside(path: str | os.PathLike[str], write: Callable[[pathlib.Path], object]) -> None:
    """Calls `write` with the path that `beside` gives."""
    with beside(path) as place:
        write(place)


@contextlib.contextmanager
def beside(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Writes a file, or a folder, so that a crash leaves the old one or the new one whole.

    What is written to the path that it gives is flushed to the disk and renamed at the end.

    Args:
        path: What is to be there; a folder must not be there yet.

    Yields:
        A path in the same folder, whose name ends as that of `path`.

    Raises:
        UserError: Where the folder of `path` is not there or cannot be written.
    """
    path = pathlib.Path(path)
    if not path.parent.is_dir():
        raise UserError(f"Expected a folder. Received: {str(path.parent)!r}, which is not there")
    place = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield place
        flush(place)
        os.replace(place, path)
        flush(path.parent, within=False)
    except OSError as error:
        reason = without_room(error) or error.strerror or " ".join(str(error).split())
        raise UserError(f"Expected to write {str(path)!r}. Received: {reason}") from error
    finally:
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)


def without_room(error: BaseException) -> str | None:
    """Returns what the system calls it where something could not be written for want of room.

    HDF5 and TensorFlow have errors of their own for it, which quote the system's.

    Args:
        error: What was raised.

    Example:

    >>> without_room(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    'No space left on device'
    """
    return next((text for text in map(os.strerror, NO_ROOM) if text in str(error)), None)


@contextlib.contextmanager
def room_in(path: str | os.PathLike[str]) -> Iterator[None]:
    """Says where there was no room, whoever wrote there: TensorFlow or HDF5, which may not say it.

    Args:
        path: What is written.

    Raises:
        UserError: Where something inside could not be written for want of room.

    Example:

    >>> with room_in("runs/dates"):
    ...     number = 7
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        reason = without_room(error)
        if reason is None:
            raise
        place = os.fspath(getattr(error, "filename", None) or path)
        raise UserError(f"Expected to write {place!r}. Received: {reason}") from error


def flush(path: str | os.PathLike[str], *, within: bool = True) -> None:
    """Waits until a file, or a folder with all that is in it, is on the disk.

    Args:
        path: The file or the folder.
        within: Whether what is in a folder counts too, or only its list of names.
    """
    if os.path.isdir(path) and within:
        for each in os.scandir(path):
            flush(each.path)
    if os.name == "nt" and os.path.isdir(path):  # Windows opens no folders
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def open_beside(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    """Opens a UTF-8 text file for writing that takes its name when it is whole.

    Args:
        path: The file; gzipped if its name ends with `.gz`.

    Raises:
        UserError: As `write_beside`.
    """
    opener = gzip.open if pathlib.Path(path).suffix == ".gz" else open
    with beside(path) as place, opener(place, "wt", encoding="utf-8", newline="\n") as file:
        yield file
