"""What goes into a model at every step: ids, vectors or frames."""

from __future__ import annotations

import numbers
from collections.abc import Sequence

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers import AttachMask, PerFrame
from kerasrnn.models.arguments import check_vocabulary_size, embedding_layer
from kerasrnn.models.convolution import image_encoder
from kerasrnn.typing import Tensor

__all__ = ["place_input", "sequence_input", "step_shape"]


def step_shape(inputs: int | Sequence[int]) -> tuple[int, ...]:
    """Checks the shape of one step of vectors or frames.

    Args:
        inputs: What a factory got as its first argument, where that is no integer.

    Returns:
        The shape as a tuple.

    Raises:
        ValueError: Where it is no tuple of positive integers.
    """
    sizes = inputs if isinstance(inputs, (tuple, list)) else ()
    if not sizes or not all(
        isinstance(size, numbers.Integral) and size is not True and size > 0 for size in sizes
    ):
        raise UserError(
            "Expected `inputs` to be a number of ids or the shape of one step, such as (28,). "
            f"Received: {inputs!r}"
        )
    return tuple(int(size) for size in sizes)


def sequence_input(
    inputs: int | Sequence[int],
    embedding: int | keras.layers.Embedding | None,
    encoder: str | keras.layers.Layer | None,
    units: int,
) -> tuple[Tensor | dict[str, Tensor], Tensor]:
    """Makes the input tensors of a sequence, and the vectors that a recurrent stack reads.

    Args:
        inputs: A number of ids, or the shape of one step.
        embedding: For ids; see `embedding_layer`.
        encoder: For steps of more than one dimension; see `image_encoder`.
        units: The size of the embedding where `embedding` is `None`.

    Returns:
        The inputs, `tokens` `(B, T)` int32, or a dictionary of `features` `(B, T, …)` and `mask`
        `(B, T)` bool; and the vectors `(B, T, F)`, with their Keras mask.

    Raises:
        ValueError: For options that do not fit what goes in.
    """
    if isinstance(inputs, numbers.Integral):
        check_vocabulary_size("inputs", inputs)
        if encoder is not None:
            raise UserError(f"Expected no `encoder` for token ids. Received: {encoder!r}")
        tokens = keras.Input((None,), dtype="int32", name="tokens")
        return tokens, embedding_layer(embedding, int(inputs), "token_embedding", units=units)(
            tokens
        )
    shape = step_shape(inputs)
    if embedding is not None:
        raise UserError(
            f"Expected no `embedding` for features of the shape {shape}. Received: {embedding!r}"
        )
    features = keras.Input((None, *shape), name="features")
    mask = keras.Input((None,), dtype="bool", name="mask")
    vectors = features
    if len(shape) > 1 or encoder is not None:
        model = image_encoder("convolutional" if encoder is None else encoder, shape)
        vectors = PerFrame(model, name="encoder")(features)
        if len(vectors.shape) != 3:
            raise UserError(
                "Expected an encoder from a frame to a vector. "
                f"Received: one that gives {tuple(vectors.shape[2:])}"
            )
    vectors = AttachMask(name="attach_mask")([vectors, mask])
    return {"features": features, "mask": mask}, vectors


def place_input(
    inputs: int | Sequence[int], encoder: str | keras.layers.Layer | None
) -> tuple[dict[str, Tensor], Tensor]:
    """Makes the input of one image, and the vectors of its places for a recurrent stack.

    Args:
        inputs: Height, width and channels of the image.
        encoder: See `image_encoder`; the built-in one by default.

    Returns:
        The input, a dictionary of `features` `(B, H, W, C)`; and the vectors `(B, N, F)`, those of
        a grid row by row from the top, or one vector.

    Raises:
        ValueError: For an encoder that does not take such an image.
    """
    shape = step_shape(inputs)
    model = image_encoder("convolutional" if encoder is None else encoder, shape, grid=True)
    image = keras.Input(shape, name="features")
    grid = model(image)
    return {"features": image}, keras.layers.Reshape((-1, grid.shape[-1]), name="places")(grid)
