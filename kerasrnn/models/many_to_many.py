"""A sequence in, one output for each of its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from kerasrnn.checks import UserError, check_integer, check_size
from kerasrnn.layers import CRF, CharacterFeatures, RecurrentStack
from kerasrnn.models.arguments import check_vocabulary_size
from kerasrnn.models.characters import Characters
from kerasrnn.models.inputs import sequence_input
from kerasrnn.models.precision import few_outputs
from kerasrnn.options.words import Cell, TagOutput, words

__all__ = ["many_to_many"]


def many_to_many(
    inputs: int | tuple[int, ...],
    outputs: int,
    *,
    cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
    units: int = 256,
    num_layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    embedding: int | keras.layers.Embedding | None = None,
    characters: int | Characters | None = None,
    character_filters: int | None = None,
    character_width: int | None = None,
    encoder: str | keras.layers.Layer | None = None,
    output: TagOutput | keras.layers.Layer = "softmax",
    name: str = "many_to_many",
) -> keras.Model:
    """Builds a model with one output for each step: word classes, entities, a label per frame.

    Args:
        inputs: The number of ids, the reserved ones included; or the shape of one step: `(F,)`
            for vectors, `(H, W, C)` for frames.
        outputs: The number of classes L of each step.
        cell: `"lstm"`, `"gru"` or another name of `layers.CELLS`, or a callable `units -> layer`.
        units: Units of each layer and direction.
        num_layers: Recurrent layers.
        bidirectional: Whether each layer also reads from the end.
        dropout: Fraction dropped from the inputs of each recurrent layer and of the output layer.
        embedding: For ids: the size of their vectors, `units` by default, or a
            `keras.layers.Embedding` named `token_embedding`.
        characters: For ids, where the characters of each word are read too: a `models.Characters`,
            or the number of character ids, which stands for `Characters(number)`.
        character_filters: Its `filters`, where `characters` is a number.
        character_width: Its `width`, where `characters` is a number.
        encoder: For frames: a Keras layer or model from one frame to a vector, or
            `"convolutional"`, the built-in one, which is the default there.
        output: `"softmax"` for logits; `"crf"` for a conditional random field, which weighs
            whole sequences of labels; or a `layers.CRF` named `output`, whose `allowed` bans
            sequences that no entity has.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` with the input `tokens` `(B, T)` int32, padded with 0 on the
        right, where asked for with `characters` `(B, T, W)` int32; or the inputs `features`
        `(B, T, …)` float32 and `mask` `(B, T)` bool, false for padding on the right. Its output
        is `(B, T, L)` logits, or with a CRF `(B, T, L, L)` potentials, to be trained with
        `losses.CRF`. Layers: `token_embedding`, `character_features` and `word_vectors`, or
        `encoder` and `attach_mask`; `recurrent`, `dropout`, `emissions` (with a CRF), `output`.

    Raises:
        ValueError: For an unknown cell or output, or a size out of range.

    Example:

    >>> many_to_many((28,), 3, units=5, bidirectional=True).output_shape
    (None, None, 3)
    """
    outputs = check_integer("outputs", outputs)
    _check_output(output, outputs)
    stack = RecurrentStack(
        cell, units, num_layers, bidirectional, dropout, return_state=True, name="recurrent"
    )
    tensors, vectors = sequence_input(inputs, embedding, encoder, units)
    if characters is not None:
        letters = _letters(characters, filters=character_filters, width=character_width)
        tensors, vectors = _with_characters(tensors, vectors, letters)
    hidden, *_ = stack(vectors)
    if dropout:
        hidden = keras.layers.Dropout(dropout, name="dropout")(hidden)
    if output == "softmax":
        return keras.Model(tensors, few_outputs(hidden, outputs), name=name)
    emissions = few_outputs(hidden, outputs, name="emissions")
    crf: Any = CRF(outputs, name="output") if output == "crf" else output
    return keras.Model(tensors, crf(emissions), name=name)


def _check_output(output, outputs: int) -> None:
    if isinstance(output, CRF):
        if output.name != "output" or output.labels != outputs:
            raise UserError(
                f"Expected a CRF of {outputs} labels named 'output'. "
                f"Received: {output.labels} labels, named {output.name!r}"
            )
    elif output not in words(TagOutput):
        raise UserError(
            f"Expected `output` to be 'softmax', 'crf' or a `layers.CRF`. Received: {output!r}"
        )


def _letters(characters: int | Characters, **sizes: int | None) -> Characters:
    given = {name: size for name, size in sizes.items() if size is not None}
    if isinstance(characters, Characters):
        if given:
            raise UserError(
                f"Expected the sizes of letters in `characters` alone. Received: {characters} and "
                + ", ".join(f"character_{name}={size!r}" for name, size in given.items())
            )
        return characters
    check_vocabulary_size("characters", characters)
    for name, size in given.items():
        check_size(f"character_{name}", size)
    return Characters(characters, **given)


def _with_characters(tokens, vectors, letters: Characters) -> tuple:
    """Adds the input of the characters, and joins their features to the vectors."""
    if isinstance(tokens, dict):
        raise UserError(
            "Expected token ids where `characters` are read. "
            f"Received: characters={letters.vocabulary_size}"
        )
    characters = keras.Input((None, None), dtype="int32", name="characters")
    features = CharacterFeatures(
        letters.vocabulary_size,
        filters=letters.filters,
        width=letters.width,
        name="character_features",
    )(characters)
    vectors = keras.layers.Concatenate(name="word_vectors")([vectors, features])
    return {"tokens": tokens, "characters": characters}, vectors
