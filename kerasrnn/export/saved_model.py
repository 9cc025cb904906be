"""Versions of a SavedModel, in the folder layout of TensorFlow Serving."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import pathlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.files import flush, scratch_folder
from kerasrnn.layers import PatchRecurrence, RecurrentStack
from kerasrnn.layers.empty_batches import at_least_one_row

__all__ = ["portable", "without_cudnn", "write_version"]

WAYS = ("forward", "backward")  # the two layers inside Keras' Bidirectional


def write_version(
    directory: str | os.PathLike[str],
    signatures: Mapping[str, Any],
    *,
    tracked: Sequence[Any],
    example: Mapping[str, Any],
    write_assets: Callable[[pathlib.Path], None] | None = None,
) -> pathlib.Path:
    """Writes `directory/<next version>/`, reloads it, compares it, then makes it visible.

    A version is never overwritten, and a server that watches the folder never sees half of one:
    it is written beside and renamed.

    Texts, labels and integers have to be equal. Floats may differ in their last digits, as they do
    between kernels of TensorFlow; the processor that serves the version may have other kernels, so
    that its texts and labels are the same unless two are as good as equal.

    Args:
        directory: Folder of the versions of one model; made where it is not there.
        signatures: `tf.function`s with an input signature, by signature name; the first one is
            `serving_default` too.
        tracked: The models and tokenizers whose variables and tables the functions use.
        example: Inputs by name, to compare the reloaded model on; inputs of a signature that are
            not in it are empty strings, zeros or, for floats, ones.
        write_assets: Called with the folder `assets` of the version, to write what a reader or a
            server wants to know beside the graph.

    Returns:
        The folder of the new version.

    Raises:
        ValueError: Where `directory` cannot be written, a weight of a model is not finite, or Keras
            runs on another backend than TensorFlow.
        RuntimeError: Where the reloaded model gives another answer.
    """
    if keras.backend.backend() != "tensorflow":
        raise UserError(
            "Expected the TensorFlow backend of Keras for an export. "
            f"Received: {keras.backend.backend()}"
        )
    _check_finite(tracked)
    directory = pathlib.Path(directory)
    with scratch_folder(directory, "export") as folder:
        archive = keras.export.ExportArchive()
        for resource in tracked:
            archive.track(resource)
        for name, function in signatures.items():
            archive.add_endpoint(name, function)
        with _without_notes():
            archive.write_out(str(folder), verbose=False)
        if write_assets is not None:
            (folder / "assets").mkdir(exist_ok=True)
            write_assets(folder / "assets")
        reloaded = tf.saved_model.load(folder).signatures
        for name, function in signatures.items():
            inputs = _inputs_of(reloaded[name], example)
            if function.input_signature is None:
                expected = function(**inputs)
            else:  # it has the order of the arguments, whose names may be others
                expected = function(*(inputs[spec.name] for spec in function.input_signature))
            _compare(expected, reloaded[name](**inputs))
        flush(folder)
        return _rename_to_next_version(folder, directory)


def _check_finite(tracked: Sequence[Any]) -> None:
    """Refuses the models of a training that diverged."""
    for model in tracked:
        for weight in model.weights if isinstance(model, keras.Model) else ():
            if weight.dtype.startswith(("float", "bfloat")):
                if not bool(keras.ops.all(keras.ops.isfinite(weight))):
                    raise UserError(
                        "Expected a model whose weights are finite. "
                        f"Received: NaN or infinity in {weight.path}"
                    )


@contextlib.contextmanager
def _without_notes() -> Iterator[None]:
    """Keeps TensorFlow from noting, in a notebook, that it wrote a folder that is renamed then."""
    logger = tf.get_logger()
    before = logger.level
    logger.setLevel(max(before, logging.WARNING))
    try:
        yield
    finally:
        logger.setLevel(before)


def _inputs_of(function: Any, example: Mapping[str, Any]) -> dict[str, Any]:
    """Takes the inputs of a signature from an example, or makes them up."""
    rows = max(len(value) for value in example.values())
    inputs = {}
    for name, spec in function.structured_input_signature[1].items():
        given = tf.convert_to_tensor(example[name]) if name in example else None
        if given is not None and spec.shape.is_compatible_with(given.shape):
            inputs[name] = tf.cast(given, spec.dtype) if given.dtype != spec.dtype else given
            continue
        shape = [rows, *(size or 1 for size in spec.shape[1:])]
        value = {tf.string: "", tf.bool: False}.get(spec.dtype, 1 if spec.dtype.is_floating else 0)
        inputs[name] = tf.fill(shape, tf.constant(value, spec.dtype))
    return inputs


def _rename_to_next_version(folder: pathlib.Path, directory: pathlib.Path) -> pathlib.Path:
    versions = [int(path.name) for path in directory.iterdir() if path.name.isdecimal()]
    version = max(versions, default=0) + 1
    while True:
        try:
            renamed = folder.rename(directory / str(version))
            break
        except OSError:  # another process took the number meanwhile
            if not (directory / str(version)).exists():
                raise
            version += 1
    try:
        flush(directory, within=False)
    except OSError:  # a version that may be gone tomorrow is none
        shutil.rmtree(renamed, ignore_errors=True)
        raise
    return renamed


def _compare(expected: Mapping[str, Any], received: Mapping[str, Any]) -> None:
    for name, value in expected.items():
        value, other = value.numpy(), received[name].numpy()
        if value.dtype == object or np.issubdtype(value.dtype, np.integer):
            same = np.array_equal(value, other)
        else:
            same = np.allclose(value, other, rtol=1e-4, atol=1e-5, equal_nan=True)
        if not same:
            raise RuntimeError(f"The reloaded SavedModel gives another `{name}`: {other}, {value}")


def portable(
    models: Sequence[keras.Model], function: Callable[..., Any], *specs: tf.TensorSpec
) -> Any:
    """Makes a graph of a function over some models that any CPU can load, for any number of rows.

    Args:
        models: The models whose layers it runs.
        function: From tensors to a dictionary of tensors, all of them with a row for each of the
            batch; traced at its first use. It sees at least one row: where there is none, one of
            zeros and empty strings.
        *specs: Its inputs.

    Returns:
        A `tf.function`.
    """

    @functools.wraps(function)
    def traced(*args):
        with contextlib.ExitStack() as stack:
            for model in models:
                stack.enter_context(without_cudnn(model))
            return at_least_one_row(function, *args)

    return tf.function(traced, input_signature=list(specs), autograph=False)


@contextlib.contextmanager
def without_cudnn(model: keras.Model) -> Iterator[None]:
    """Keeps what only some machines can load out of the graphs that are traced inside.

    That is what cuDNN runs, on a CPU, and what XLA compiles, in most programs that serve graphs.
    """
    layers = []
    inner = [each.stack if isinstance(each, PatchRecurrence) else each for each in model.layers]
    stacks = [each for each in inner if isinstance(each, RecurrentStack)]
    ways = [each.recurrence for each in stacks]
    for stack in inner:
        for layer in stack.rnn_layers if isinstance(stack, RecurrentStack) else [stack]:
            directions = (layer, *(getattr(layer, f"{way}_layer", None) for way in WAYS))
            layers += [each for each in directions if hasattr(each, "use_cudnn")]
    before = [layer.use_cudnn for layer in layers]
    for layer in layers:
        layer.use_cudnn = False
    for stack in stacks:
        stack.recurrence = "keras"
    try:
        yield
    finally:
        for stack, way in zip(stacks, ways, strict=True):
            stack.recurrence = way
        for layer, use_cudnn in zip(layers, before, strict=True):
            layer.use_cudnn = use_cudnn
