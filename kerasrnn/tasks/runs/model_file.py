"""Models in `.keras` files: of which run they are, and their sizes before memory is taken."""

from __future__ import annotations

import concurrent.futures
import io
import json
import math
import os
import pathlib
import zipfile
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeAlias

import h5py
import keras

from kerasrnn.callbacks.attribute_lists import keep_attribute_lists
from kerasrnn.checks import DamagedError, UserError, first_of

__all__ = ["read_model", "write_model"]

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
# Bytes of the description of a model; a thousand layers have a tenth.
MOST_CONFIG = 2**24
# In a local header of a zip archive: the place of the lengths of name and extra field, and its end.
LENGTHS, HEADER = 26, 30
# In the comment of an archive, which Keras does not read, before the entry `run` of `config.json`.
OF_RUN = b"kerasrnn run "

Shape: TypeAlias = tuple[int, ...]


def write_model(model: keras.Model, path: pathlib.Path, run: str | None) -> None:
    """Writes a model with the state of its optimizer, and of which run it is.

    Args:
        model: The model.
        path: A path that no one reads yet, whose name ends with `.keras`.
        run: The entry `run` of the run's `config.json`; older ones have none.
    """
    keep_attribute_lists()
    model.save(path)
    if run:
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = OF_RUN + run.encode("utf-8")


def read_model(path: str | os.PathLike[str], run: str | None = None) -> keras.Model:
    """Reads a model that this package wrote, or one that pretends to be so.

    Keras builds what an archive describes and unpacks what it holds. Here both are measured first:
    the parts of the archive are not compressed, and the weights that are stored are those that the
    described model has, so that the memory it takes is that of the file.

    Args:
        path: The `.keras` file.
        run: The entry `run` of the `config.json` that the model belongs to, if it has one. Models
            of older versions, and those that Keras itself has written, are of any run.

    Returns:
        The model, compiled if it was.

    Raises:
        UserError: Where it is of another run.
        DamagedError: Where the file is none, is cut or changed, or is larger than it looks.
    """
    path = pathlib.Path(path)
    try:
        _check_run(path, run)
        described, stored = _parts(path)
        needed = Counter(_needed(described))
        missing = needed - Counter(stored)
        if missing:
            wanted = first_of((_words(each) for each in missing), 3)
            raise ValueError(f"no weights of the shapes {wanted}, which the described model has")
        return keras.models.load_model(path)
    except UserError:
        raise
    except Exception as error:  # whatever Keras, HDF5 and Python say of what is no model
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DamagedError(f"Expected {path} as Keras wrote it. Received: {reason:.200}") from error


def _check_run(path: pathlib.Path, run: str | None) -> None:
    with zipfile.ZipFile(path) as archive:
        comment = archive.comment
    if run and comment.startswith(OF_RUN) and comment != OF_RUN + run.encode("utf-8"):
        raise UserError(
            f"Expected the model of the run that {CONFIG} describes. "
            f"Received: {path}, which is of another run"
        )


def _parts(path: pathlib.Path) -> tuple[dict[str, Any], list[Shape]]:
    """Reads what model an archive describes, and the shapes of the weights that it holds."""
    with zipfile.ZipFile(path) as archive, open(path, "rb") as file:
        parts = {each.filename: each for each in archive.infolist()}
        for each in parts.values():
            if each.compress_type != zipfile.ZIP_STORED or each.file_size != each.compress_size:
                raise ValueError(
                    f"{each.filename}, packed, of {each.file_size:,} bytes when it is unpacked"
                )
        if len(parts) != len(archive.infolist()) or not {CONFIG, WEIGHTS} <= parts.keys():
            raise ValueError(f"an archive of {first_of(parts, 5)}")
        if parts[CONFIG].file_size > MOST_CONFIG:
            raise ValueError(f"{CONFIG} of {parts[CONFIG].file_size:,} bytes")
        damaged = archive.testzip()  # Keras looks at no sum of what it reads in pieces
        if damaged is not None:
            raise ValueError(f"{damaged}, whose bytes have changed")
        described = json.loads(archive.read(CONFIG))
        with h5py.File(_Part(file, parts[WEIGHTS]), "r") as weights:
            return described, _stored(weights)


def _stored(weights: h5py.File) -> list[Shape]:
    """Lists the shapes of the weights, those of the optimizer apart, all of which lie there."""
    shapes = []

    def visit(name: str, each: Any) -> None:
        if not isinstance(each, h5py.Dataset):
            return
        if each.is_virtual or each.external or each.id.get_storage_size() != each.nbytes:
            raise ValueError(f"weights {name} that take {each.nbytes:,} bytes when they are read")
        if not name.startswith("optimizer/"):
            shapes.append(tuple(each.shape))

    weights.visititems(visit)
    return shapes


def _needed(described: dict[str, Any]) -> Sequence[Shape]:
    """Lists the shapes of the weights that a described model has, none of which is made.

    Keras notes in the state of a thread which variables are still to be made; that of this thread
    ends with it.
    """

    def shapes() -> list[Shape]:
        with keras.StatelessScope(initialize_variables=False):
            model: Any = keras.saving.deserialize_keras_object(
                {**described, "compile_config": None}, safe_mode=True
            )
        return [tuple(weight.shape) for weight in model.weights]

    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        return threads.submit(shapes).result()


def _words(shape: Shape) -> str:
    return f"{shape} of {math.prod(shape):,} numbers" if len(shape) > 1 else f"{shape}"


class _Part(io.RawIOBase):
    """A part of a zip archive that is not compressed, each byte of which is at hand."""

    def __init__(self, file: Any, part: zipfile.ZipInfo):
        file.seek(part.header_offset + LENGTHS)
        name, extra = file.read(2), file.read(2)
        names = int.from_bytes(name, "little") + int.from_bytes(extra, "little")
        self._file, self._begin = file, part.header_offset + HEADER + names
        self._size, self._place = part.file_size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        starts = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}
        self._place = offset + starts[whence]
        return self._place

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._begin + self._place)
        left = max(0, min(len(buffer), self._size - self._place))
        read = self._file.readinto(memoryview(buffer)[:left])
        self._place += read
        return read
