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
# So many bytes are read for a record: more than most data have, in a tenth of a second.
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
            machines compare: of more than 64 MB count the sizes of the files and 64 pieces of 1 MB,
            evenly spread from the beginning of each file to its end.

    Returns:
        A digest of the contents of the files; of a data set that is prepared, of its name and
        version and its files, of which sizes and times count instead of contents unless it is for
        a record.

    Raises:
        ValueError: Where there is no such file or data set.
    """
    digest = hashlib.blake2b(digest_size=16)
    paths = [pathlib.Path(str(data))]
    if "," in str(data) and not paths[0].exists():
        paths = [pathlib.Path(part.strip()) for part in str(data).split(",")]
    if not paths[0].is_file() and is_known(str(data)):
        builder, _ = open_split(data, "train", data_dir)
        digest.update(json.dumps(builder.info.full_name).encode("utf-8"))
        paths = [pathlib.Path(builder.data_path)]
        if not record:  # a cache is of this machine
            stats = [(path.name, path.stat()) for path in _files_of(paths[0])]
            known = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
            digest.update(json.dumps(known).encode("utf-8"))
            return digest.hexdigest()
    for path in paths:
        if not path.exists():
            raise UserError(f"Expected a file or a data set. Received: {str(path)!r}")
    total = sum(each.stat().st_size for path in paths for each in _files_of(path))
    share = FOR_A_RECORD / total if record and total > FOR_A_RECORD else 1
    for path in paths:
        for each in _files_of(path):
            size, name = each.stat().st_size, str(each.relative_to(path))
            digest.update(json.dumps([name, size]).encode("utf-8"))
            for piece in _pieces(each, size, share):
                digest.update(piece)
    return digest.hexdigest()


def _files_of(path: pathlib.Path) -> list[pathlib.Path]:
    """Lists a file, or what is in a folder, in the order of the names."""
    if not path.is_dir():
        return [path]
    return [each for each in sorted(path.rglob("*")) if each.is_file()]


def _pieces(path: pathlib.Path, size: int, share: float) -> Iterator[bytes]:
    """Yields a file piece by piece; where a share of it counts, pieces that are spread over it."""
    number = max(int(size * share) // PIECE, 2)
    with open(path, "rb") as file:
        if share == 1 or number * PIECE >= size:
            while piece := file.read(4 * PIECE):
                yield piece
            return
        for i in range(number):
            file.seek((size - PIECE) * i // (number - 1))
            yield file.read(PIECE)
