"""Versions of a SavedModel, in the folder form of TensorFlow Serving."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from kerasrnn.layers import RecurrentStack

__all__ = ["without_cudnn", "write_version"]

WAYS = ("forward", "backward")  # the two layers inside Keras' Bidirectional


def write_version(
    directory: str | os.PathLike,
    signatures: Mapping,
    *,
    tracked: Sequence,
    example: Mapping,
) -> pathlib.Path:
    """Writes `directory/<next version>/`, reloads it and compares it, then makes it visible.

    A version is never overwritten, and a server that watches the folder never sees half of one:
    it is written beside and renamed.

    Args:
        directory: Folder of the versions of one model; made where it is not there.
        signatures: `tf.function`s with an input signature, by signature name; the first one is
            `serving_default` too.
        tracked: The models and tokenizers whose variables and tables the functions use.
        example: Keyword arguments of the first signature, to compare the reloaded model on.

    Returns:
        The folder of the new version.

    Raises:
        ValueError: Where `directory` cannot be written, or Keras runs on another backend than
            TensorFlow.
        RuntimeError: Where the reloaded model gives another answer.
    """
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Expected the TensorFlow backend of Keras for an export. "
            f"Received: {keras.backend.backend()}"
        )
    directory = pathlib.Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        folder = pathlib.Path(tempfile.mkdtemp(prefix=".export-", dir=directory))
    except OSError as error:
        raise ValueError(
            f"Expected a folder to write to. Received: {directory} ({error})"
        ) from None
    try:
        os.chmod(folder, 0o755)
        archive = keras.export.ExportArchive()
        for resource in tracked:
            archive.track(resource)
        for name, function in signatures.items():
            archive.add_endpoint(name, function)
        archive.write_out(str(folder), verbose=False)
        first = next(iter(signatures.values()))
        _compare(first(**example), tf.saved_model.load(folder).signatures, example)
        return _rename_to_next_version(folder, directory)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rename_to_next_version(folder: pathlib.Path, directory: pathlib.Path) -> pathlib.Path:
    versions = [int(path.name) for path in directory.iterdir() if path.name.isdecimal()]
    version = max(versions, default=0) + 1
    while True:
        try:
            return folder.rename(directory / str(version))
        except OSError:  # another process took the number meanwhile
            if not (directory / str(version)).exists():
                raise
            version += 1


def _compare(expected: Mapping, signatures: Mapping, example: Mapping) -> None:
    received = signatures["serving_default"](**example)
    for name, value in expected.items():
        value, other = value.numpy(), received[name].numpy()
        if value.dtype == object or np.issubdtype(value.dtype, np.integer):
            same = np.array_equal(value, other)
        else:
            same = np.allclose(value, other, rtol=1e-4, atol=1e-5)
        if not same:
            raise RuntimeError(f"The reloaded SavedModel gives another `{name}`: {other}, {value}")


@contextlib.contextmanager
def without_cudnn(model: keras.Model):
    """Keeps cuDNN operations out of the graphs that are traced inside, for a CPU to load them."""
    layers = []
    for stack in model.layers:
        for layer in stack.rnn_layers if isinstance(stack, RecurrentStack) else [stack]:
            directions = (layer, *(getattr(layer, f"{way}_layer", None) for way in WAYS))
            layers += [each for each in directions if hasattr(each, "use_cudnn")]
    before = [layer.use_cudnn for layer in layers]
    for layer in layers:
        layer.use_cudnn = False
    try:
        yield
    finally:
        for layer, use_cudnn in zip(layers, before, strict=True):
            layer.use_cudnn = use_cudnn
