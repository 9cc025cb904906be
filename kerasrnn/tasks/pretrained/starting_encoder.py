"""An encoder of images that a training starts from: a Keras model in a user's file."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.files import check_file
from kerasrnn.tasks.loading import load
from kerasrnn.tasks.states.run_state import last_state

__all__ = ["StartingEncoder", "check_no_encoder", "read_encoder"]


class StartingEncoder:
    """The encoder of a training, and the shape of the images that it reads.

    Attributes:
        model: The model of the file, once the shape is known; `None` where a run goes on, whose own
            model has it, and where there is none.
        places: How many places of an image it tells apart, 1 for a vector.
    """

    def __init__(self) -> None:
        self.model: keras.Model | None = None
        self.places = 1
        self._shape: tuple[int, ...] | None = None

    def image_shape(self, job: Any, read: Callable[[], Any]) -> tuple[int, ...] | None:
        """Returns height, width and channels to give the images.

        Args:
            job: The training.
            read: Reads the images of the training split in the size that the data have.

        Returns:
            The size of the encoder's input, where that is fixed, otherwise that of the data; `None`
            without an encoder.

        Raises:
            ValueError: For a file that holds no encoder of such images.
        """
        if job.options.encoder is None:
            return None
        if self._shape is None:
            run = job.resumed
            state = None if run is None else last_state(run)
            if run is not None and state is not None:  # the file may be gone
                before: Any = load(run, state.path)
                self._shape = tuple(before.image_shape)
            else:
                path, frozen = job.options.encoder, job.options.freeze_encoder
                model = read_encoder(path, frozen=frozen)
                shape = tuple(read().element_spec[0].shape)
                self._shape, self.model = _fitting(path, model, shape), model
                self.places = math.prod(model.compute_output_shape((None, *self._shape))[1:-1])
        return self._shape


def read_encoder(path: str | os.PathLike[str], *, frozen: bool = True) -> keras.Model:
    """Reads a model from an image to a grid or to a vector.

    Args:
        path: The `.keras` file; what it describes is built in Keras' safe mode.
        frozen: Whether no weight of it is to be trained; otherwise all are.

    Returns:
        The model, with `trainable` set.

    Raises:
        UserError: Where there is no such file, or it is no such model.
    """
    check_file(path)
    try:
        model: Any = keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # whatever Keras, HDF5 and Python say of what is no model
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(
            "Expected a .keras file with a model of Keras' own layers, without Lambda. "
            f"Received: {path}: {reason:.200}"
        ) from error
    inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
    shapes = [[tuple(each.shape[1:]) for each in tensors or ()] for tensors in (inputs, outputs)]
    if len(shapes[0]) != 1 or len(shapes[0][0]) != 3:
        raise UserError(
            "Expected an encoder of one image, (height, width, channels). "
            f"Received: {path}, a model of {_words(shapes[0])}"
        )
    if len(shapes[1]) != 1 or len(shapes[1][0]) not in (1, 3) or shapes[1][0][-1] is None:
        raise UserError(
            "Expected an encoder to a grid (h, w, c) or to a vector (c,). "
            f"Received: {path}, a model to {_words(shapes[1])}"
        )
    model.trainable = not frozen
    return model


def check_no_encoder(options: Any, read: str) -> None:
    """Raises a `UserError` for an encoder of images where there are none.

    Args:
        options: Those of the training.
        read: What is read instead, with its verb.
    """
    if options.encoder is not None:
        raise UserError(
            f"Expected images for `encoder`, but {read} read here. Received: {options.encoder}"
        )


def _fitting(path: str, model: keras.Model, shape: Sequence[int | None]) -> tuple[int, ...]:
    """Returns the shape that images get, once the model can read them."""
    *sides, channels = model.inputs[0].shape[1:]
    if channels not in (None, shape[-1]):
        raise UserError(
            f"Expected an encoder of images with {shape[-1]} channels, as the data have. "
            f"Received: {path}, for {channels}"
        )
    height, width = (own or data for own, data in zip(sides, shape[:2], strict=True))
    fitting: tuple[Any, ...] = height, width, shape[-1]
    try:
        output = model.compute_output_shape((None, *fitting))
        if len(output) not in (2, 4) or not all(output[1:]):
            raise ValueError(f"it would give {tuple(output[1:])}")
    except Exception as error:  # such as a convolution that is larger than the image
        reason = " ".join(str(error).split())
        raise UserError(
            f"Expected an encoder of images {fitting}. Received: {path}: {reason:.200}"
        ) from error
    return fitting


def _words(shapes: Sequence[Any]) -> str:
    return " and ".join(map(str, shapes)) or "an unknown shape"
