"""Each step predicts the next token."""

from __future__ import annotations

from collections.abc import Callable

import keras

from kerasrnn.checks import UserError, check_size
from kerasrnn.layers import AdaptiveSoftmax, ClassSoftmax, Elman, RecurrentStack
from kerasrnn.layers.class_softmax import VocabularySoftmax
from kerasrnn.models.arguments import TIED, check_vocabulary_size, embedding_layer
from kerasrnn.models.wiring import with_output
from kerasrnn.options.words import Cell, Softmax, words

__all__ = ["language_model", "output_layers"]

OUTPUTS = words(Softmax)
CHEAP = {"class": ClassSoftmax, "adaptive": AdaptiveSoftmax}


def language_model(
    vocabulary_size: int,
    *,
    cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
    units: int = 256,
    num_layers: int = 1,
    dropout: float = 0.0,
    variational: bool = False,
    embedding: int | keras.layers.Embedding | None = None,
    output: Softmax | keras.layers.Layer = "full",
    name: str = "language_model",
) -> keras.Model:
    """Builds a recurrent language model over characters or words.

    With `cell="elman"` it is the network of Mikolov et al. (2010): a one-hot word and the state
    before it, a sigmoid hidden layer, a softmax; the number of units is the only thing to choose.

    Args:
        vocabulary_size: Number of ids V, the reserved ones included.
        cell: `"lstm"`, `"gru"` or another name of `layers.CELLS`, or a callable `units -> layer`.
        units: Units of each layer.
        num_layers: Recurrent layers.
        dropout: Fraction dropped from the inputs of each recurrent layer and of the output layer,
            drawn anew for each step (Zaremba et al. 2014).
        variational: Whether one draw holds for all steps of a sequence, for the recurrent
            connections too (Gal and Ghahramani 2016).
        embedding: The size of the token vectors, `units` by default, or a
            `keras.layers.Embedding` named `token_embedding`.
        output: `"full"`, a softmax over all V; `"tied"`, the same with the token vectors as its
            weights (Press and Wolf 2017), behind a projection to their size where it is another;
            `"class"` (Mikolov et al. 2011) or `"adaptive"` (Grave et al. 2017), which cost less
            for a large V; `"tied_adaptive"`, the last with the token vectors as its weights; or a
            `layers.ClassSoftmax` or `layers.AdaptiveSoftmax` named `output`.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` from `tokens` `(B, T)` int32, padded with 0 on the right, to
        logits `(B, T, V)`. With one of the last three it has the inputs `tokens` and
        `targets` `(B, T)` int32, and gives the natural logarithm of each target's probability,
        `(B, T)`, to be trained with `losses.NegativeLogProbability`; `views.log_probs` gives those
        of all V. Layers: `token_embedding`, `recurrent`, `dropout`, `projection` (tied, where the
        sizes differ), `output` (except where tied).

    Raises:
        ValueError: For an unknown cell or output, or a size out of range.

    Example:

    >>> language_model(11, cell="gru", units=5, output="tied").output_shape
    (None, None, 11)
    """
    check_vocabulary_size("vocabulary_size", vocabulary_size)
    if cell == "elman":
        check_size("units", units)
        cell = _elman(num_layers, embedding, variational and dropout)
        embedding = keras.layers.Embedding(
            vocabulary_size,
            units,
            mask_zero=True,
            embeddings_initializer=keras.initializers.RandomNormal(stddev=0.1),
            name="token_embedding",
        )
        if output in TIED:
            raise UserError(
                f"Expected no tied weights in Elman's network. Received: output={output!r}"
            )
    stack = RecurrentStack(
        cell,
        units,
        num_layers,
        dropout=dropout,
        variational=variational,
        return_state=True,
        name="recurrent",
    )
    token_embedding = embedding_layer(
        embedding, vocabulary_size, "token_embedding", units=units, output=output
    )
    layers = [token_embedding, stack]
    layers += output_layers(output, vocabulary_size, units, token_embedding.output_dim)
    if dropout:
        shape = (None, 1, None) if variational else None
        layers.append(keras.layers.Dropout(dropout, noise_shape=shape, name="dropout"))
    layers = {layer.name: layer for layer in layers}
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    hidden, *_ = layers["recurrent"](layers["token_embedding"](tokens))
    return with_output(layers, tokens, hidden, name)


def output_layers(
    output: Softmax | keras.layers.Layer, vocabulary_size: int, units: int, embedding_size: int
) -> list[keras.layers.Layer]:
    """Makes the layers behind the hidden one.

    Args:
        output: See `language_model`.
        vocabulary_size: Number of ids V.
        units: Size of the hidden layer.
        embedding_size: Size of the token vectors.

    Returns:
        `output`; or for tied weights `projection`, where it is needed.

    Raises:
        ValueError: For an unknown output, or a layer of another kind, name or size.
    """
    if isinstance(output, VocabularySoftmax):
        if output.name != "output" or output.vocabulary_size != vocabulary_size:
            raise UserError(
                f"Expected an output layer named 'output' of {vocabulary_size} ids. "
                f"Received: {output.name!r} of {output.vocabulary_size}"
            )
        return [output]
    if output not in OUTPUTS:
        raise UserError(
            f"Expected `output` to be one of {OUTPUTS}, a ClassSoftmax or an AdaptiveSoftmax. "
            f"Received: {output!r}"
        )
    if output in TIED:
        if embedding_size == units:
            return []
        return [keras.layers.Dense(embedding_size, use_bias=False, name="projection")]
    if output == "full":
        return [keras.layers.Dense(int(vocabulary_size), name="output")]
    return [CHEAP[output](vocabulary_size, name="output")]


def _elman(num_layers: int, embedding, variational) -> Callable[[int], keras.layers.RNN]:
    if num_layers != 1 or embedding is not None:
        raise UserError(
            "Expected one layer and no embedding beside it for Elman's network. "
            f"Received: num_layers={num_layers}, embedding={embedding!r}"
        )
    if variational:
        raise UserError(
            "Expected a cell with dropout of its own for variational dropout. Received: 'elman'"
        )
    return lambda units: Elman(units, project_inputs=False)
