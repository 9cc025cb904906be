"""A table of encoded examples, each of which is at hand: in memory, or in files."""

from __future__ import annotations

import math
import os
import pathlib
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.checks import DamagedError
from kerasrnn.datasets.batches.stored_columns import Column, FileRows, MemoryRows
from kerasrnn.files import check_digest, file_digest, read_sealed, room_in, write_sealed

__all__ = ["Store"]

CONTENT = "content.json"
# Bytes that are held in memory before they are written: of a table in memory, or of one in files.
MEMORY, BUFFER = 2**28, 2**24


class Store:
    """Encoded examples, column by column.

    Args:
        columns: The columns, of as many examples each.
        number: The number of examples.
    """

    def __init__(self, columns: tuple[Column, ...], number: int):
        self.columns = columns
        self.number = number

    def __len__(self) -> int:
        return self.number

    def take(self, indices: np.ndarray, width: int | None = None) -> tuple[np.ndarray, ...]:
        """Returns some examples as padded arrays, one for each column, see `Column.take`."""
        return tuple(column.take(indices, width) for column in self.columns)

    @classmethod
    def build(cls, encoded: tf.data.Dataset, folder: str | os.PathLike[str] | None = None) -> Store:
        """Reads all examples once and keeps them.

        Args:
            encoded: Of batches of examples: one tensor, or a tuple of them, `(B, …)` each; ragged
                where sizes differ.
            folder: An empty folder to keep them in. By default they are kept in memory, and those
                of more than 256 MB in a temporary folder, which goes with the table.

        Returns:
            A `Store`.
        """
        strands = _Strands(folder)
        try:
            for batch in encoded:
                for name, array in _arrays(batch):
                    strands.add(name, array)
            strands.finish([_kinds(spec) for spec in _parts(encoded.element_spec)])
            store = strands.store()
        except BaseException:
            strands.remove()
            raise
        if strands.is_temporary and strands.folder is not None:
            weakref.finalize(store, shutil.rmtree, strands.folder, ignore_errors=True)
        return store

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Store:
        """Opens what `build` left in a folder, all of which is read once, to see that it is whole.

        Raises:
            DamagedError: Where the folder holds something else, less, or other bytes.
        """
        return _open(pathlib.Path(folder), check_digest)


class _Strands:
    """Arrays that grow: those of a column are its sizes, from the outer to the inner ones, and
    the rows."""

    def __init__(self, folder):
        self.folder = None if folder is None else pathlib.Path(folder)
        self.is_temporary = False
        self.held: dict[str, list[np.ndarray]] = {}
        self.bytes = 0
        self.lengths: dict[str, int] = {}
        self.kinds: dict[str, tuple[np.dtype, tuple[int, ...]]] = {}
        self.levels: list[int] = []

    def add(self, name: str, array: np.ndarray) -> None:
        self.kinds.setdefault(name, (array.dtype, array.shape[1:]))
        self.lengths[name] = self.lengths.get(name, 0) + len(array)
        self.held.setdefault(name, []).append(array)
        self.bytes += array.nbytes
        if self.bytes > (MEMORY if self.folder is None else BUFFER):
            self._write()

    def finish(self, columns) -> None:
        """Adds what no batch has named, where there was none, and writes what is to be written."""
        self.levels = [len(kinds) - 1 for kinds in columns]
        for number, kinds in enumerate(columns):
            for level, (dtype, shape) in enumerate(kinds):
                name = f"{number}-{level}"
                if name not in self.kinds:
                    self.add(name, np.zeros((0, *shape), dtype))
        if self.folder is not None:
            self._write()
            content = [
                {
                    "file": name,
                    "kind": dtype.str,
                    "shape": list(shape),
                    "rows": self.lengths[name],
                }
                for name, (dtype, shape) in self.kinds.items()
            ]
            for each in () if self.is_temporary else content:
                each["digest"] = file_digest(self.folder / each["file"])
            write_sealed(self.folder / CONTENT, {"levels": self.levels, "strands": content})

    def store(self) -> Store:
        if self.folder is not None:
            return _open(self.folder, lambda *_: None)
        return _table(self.levels, {name: _joined(parts) for name, parts in self.held.items()})

    def remove(self) -> None:
        if self.is_temporary and self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self) -> None:
        if self.folder is None:
            self.folder, self.is_temporary = pathlib.Path(tempfile.mkdtemp("-kerasrnn")), True
        for name, parts in self.held.items():
            with room_in(self.folder / name), open(self.folder / name, "ab") as file:
                for part in parts:
                    file.write(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data)
        self.held, self.bytes = {}, 0


def _parts(batch) -> tuple:
    return batch if isinstance(batch, tuple) else (batch,)


def _arrays(batch) -> Iterator[tuple[str, np.ndarray]]:
    for number, part in enumerate(_parts(batch)):
        level = 0
        while isinstance(part, tf.RaggedTensor):
            yield f"{number}-{level}", part.row_lengths().numpy().astype(np.int32)
            part, level = part.values, level + 1
        yield f"{number}-{level}", part.numpy()


def _kinds(spec) -> list[tuple[np.dtype, tuple[int, ...]]]:
    """Returns kind and shape of the strands of a column whose batches are such."""
    ranks = spec.ragged_rank if isinstance(spec, tf.RaggedTensorSpec) else 0
    shape = tuple(size or 0 for size in spec.shape.as_list()[1 + ranks :])
    return [(np.dtype(np.int32), ())] * ranks + [(np.dtype(spec.dtype.as_numpy_dtype), shape)]


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _table(levels: list[int], strands: dict[str, Any]) -> Store:
    """Makes the columns of strands: arrays of sizes, and arrays or `FileRows` of rows."""
    columns = []
    for number, level in enumerate(levels):
        rows = strands[f"{number}-{level}"]
        rows = MemoryRows(rows) if isinstance(rows, np.ndarray) else rows
        offsets = (_offsets(strands[f"{number}-{each}"]) for each in range(level))
        columns.append(Column(rows, tuple(offsets)))
    return Store(tuple(columns), len(strands["0-0"]))


def _offsets(sizes: np.ndarray) -> np.ndarray:
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    # There may be many millions of them.
    return offsets.astype(np.uint32) if offsets[-1] < 2**32 else offsets


def _open(folder: pathlib.Path, check: Callable[..., object]) -> Store:
    try:
        content = read_sealed(folder / CONTENT)
        levels, strands = content["levels"], {}
        for each in content["strands"]:
            name, dtype = each["file"], np.dtype(each["kind"])
            expected = each["rows"] * math.prod(each["shape"]) * dtype.itemsize
            if (folder / name).stat().st_size != expected:
                raise DamagedError(f"{name} of {expected} bytes is longer or shorter")
            check(folder / name, each.get("digest", ""))
            rows = FileRows(folder / name, dtype, tuple(each["shape"]), each["rows"])
            number, level = map(int, name.split("-"))
            is_sizes = level < levels[number]
            strands[name] = np.fromfile(folder / name, dtype) if is_sizes else rows
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"Expected encoded examples in {folder}. Received: {error}") from error
    return _table(levels, strands)
