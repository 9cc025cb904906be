"""Digests of raw data, which tell whether they are the same."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
from collections.abc import Iterator

from kerasrnn.checks import UserError
from kerasrnn.datasets.sources.builders import is_known, open_split

__all__ = ["source_digest"]

PIECE = 2**20
# So many bytes of a file are read for a record: more than most data have, in a tenth of a second.
FOR_A_RECORD = 64 * PIECE


def source_digest(
    data: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None = None,
    *,
    record: bool = False,
) -> str:
    """Returns a text that is another one whenever the raw data are.

    Args:
        data: A file, two with a comma between them, a folder, or the name of a data set.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        record: Whether it is for the record of a run, which must not wait for it, and which other
            machines compare: of a file of more than 64 MB count its size and 64 pieces of 1 MB,
            evenly spread from its beginning to its end, and of a prepared data set no times.

    Returns:
        A digest of the contents of the files; of a data set that is prepared, of its name and
        version and the names, sizes and times of its files.

    Raises:
        ValueError: Where there is no such file or data set.
    """
    digest = hashlib.blake2b(digest_size=16)
    paths = [pathlib.Path(str(data))]
    if "," in str(data) and not paths[0].exists():
        paths = [pathlib.Path(part.strip()) for part in str(data).split(",")]
    if not paths[0].is_file() and is_known(str(data)):
        builder, _ = open_split(data, "train", data_dir)
        files = sorted(pathlib.Path(builder.data_path).glob("*"))
        stats = [(path.name, path.stat()) for path in files]
        known: list[tuple] = [(name, stat.st_size) for name, stat in stats]
        if not record:
            known = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
        digest.update(json.dumps([builder.info.full_name, known]).encode("utf-8"))
        return digest.hexdigest()
    for path in paths:
        if not path.exists():
            raise UserError(f"Expected a file or a data set. Received: {str(path)!r}")
        for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if each.is_file():
                size, name = each.stat().st_size, str(each.relative_to(path))
                digest.update(json.dumps([name, size]).encode("utf-8"))
                for piece in _pieces(each, size if record else 0):
                    digest.update(piece)
    return digest.hexdigest()


def _pieces(path: pathlib.Path, size: int) -> Iterator[bytes]:
    """Yields a file piece by piece; of a large one, whose size is told, some that are spread."""
    with open(path, "rb") as file:
        if size > FOR_A_RECORD:
            number = FOR_A_RECORD // PIECE
            for i in range(number):
                file.seek((size - PIECE) * i // (number - 1))
                yield file.read(PIECE)
        while size <= FOR_A_RECORD and (piece := file.read(4 * PIECE)):
            yield piece
