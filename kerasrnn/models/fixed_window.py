"""Models of a fixed window of tokens: baselines of recurrent models."""

from __future__ import annotations

import keras

from kerasrnn.checks import UserError, check_matrix, check_number, check_size
from kerasrnn.layers import LeftWindow, SequencePooling
from kerasrnn.models.arguments import (
    check_vocabulary_size,
    embedding_layer,
)
from kerasrnn.models.language_model import output_layers
from kerasrnn.models.precision import functional_model
from kerasrnn.models.wiring import window_hidden, with_output
from kerasrnn.options.words import Softmax
from kerasrnn.vocabulary import BEGIN

__all__ = ["cbow", "fixed_window_language_model"]

COMBINATIONS = ("concatenate", "mean")


def fixed_window_language_model(
    vocabulary_size: int,
    *,
    window: int = 4,
    combine: str = "concatenate",
    units: int = 256,
    dropout: float = 0.0,
    embedding: int | keras.layers.Embedding | None = None,
    output: Softmax | keras.layers.Layer = "full",
    name: str = "fixed_window_language_model",
) -> keras.Model:
    """Builds a language model that sees the last tokens only.

    Args:
        vocabulary_size: Number of ids V, the reserved ones included.
        window: Number of tokens that it sees, N − 1 for an N-gram model. Before the first token
            stands the begin id.
        combine: `"concatenate"` for the feed-forward model of Bengio et al. (2003), whose tanh
            layer tells the places apart; `"mean"` for the mean of the token vectors (the left
            half of CBOW, Mikolov et al. 2013), which does not.
        units: Units of the hidden layer of `"concatenate"`; `"mean"` has none.
        dropout: Fraction dropped from the token vectors and from the input of the output layer.
        embedding: The size of the token vectors, `units` by default, or a
            `keras.layers.Embedding` named `token_embedding`.
        output: As in `language_model`.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` with the inputs and outputs of `language_model`: `tokens`
        `(B, T)` to logits `(B, T, V)`. Layers: `window`, `token_embedding`, `reshape` and
        `hidden` (concatenate), `dropout`, `projection`, `output`.

    Raises:
        ValueError: For an unknown combination or output, or a size out of range.

    Example:

    >>> fixed_window_language_model(11, window=3, units=5).output_shape
    (None, None, 11)
    """
    check_vocabulary_size("vocabulary_size", vocabulary_size)
    check_size("window", window)
    check_size("units", units)
    check_number("dropout", dropout, below=1)
    if combine not in COMBINATIONS:
        raise UserError(f"Expected `combine` to be one of {COMBINATIONS}. Received: {combine!r}")
    vectors = embedding_layer(
        embedding, vocabulary_size, "token_embedding", units=units, output=output
    )
    size = vectors.output_dim
    hidden_layers = []
    if combine == "concatenate":
        check_matrix("window", window * size, units)
        hidden_layers.append(keras.layers.Reshape((-1, window * size), name="reshape"))
        hidden_layers.append(keras.layers.Dense(units, activation="tanh", name="hidden"))
    else:
        units = size
    layers = [vectors, *hidden_layers, *output_layers(output, vocabulary_size, units, size)]
    if dropout:
        layers.append(keras.layers.Dropout(dropout, name="embedding_dropout"))
        layers.append(keras.layers.Dropout(dropout, name="dropout"))
    layers = {layer.name: layer for layer in layers}
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    seen = LeftWindow(window, fill=BEGIN, name="window")(tokens)
    hidden = window_hidden(layers, layers["token_embedding"](seen))
    return with_output(layers, tokens, hidden, name)


def cbow(
    vocabulary_size: int,
    *,
    window: int = 4,
    embedding: int = 256,
    name: str = "cbow",
) -> keras.Model:
    """Builds the continuous bag of words, which learns word vectors.

    It predicts a word from the mean of the vectors around it, on both sides (Mikolov et al. 2013,
    section 3.1). That it sees what follows makes it no language model: the product of its
    probabilities over a sentence is not the probability of the sentence.

    Args:
        vocabulary_size: Number of ids V, the reserved ones included.
        window: Number of words on each side.
        embedding: Size of the word vectors.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` from `context` `(B, 2 * window)` int32, in which 0 stands for a
        place beyond the text, to the logits `(B, V)` of the word in the middle. Layers:
        `token_embedding`, whose weights are the word vectors (see `embeddings.write_vectors`),
        `pooling`, `output`.

    Raises:
        ValueError: For a size out of range.

    Example:

    >>> cbow(11, window=2, embedding=5).input_shape
    (None, 4)
    """
    check_vocabulary_size("vocabulary_size", vocabulary_size)
    check_size("window", window)
    context = keras.Input((2 * window,), dtype="int32", name="context")
    vectors = embedding_layer(embedding, vocabulary_size, "token_embedding")(context)
    # Keras' own average is NaN for a word that stands alone, whose context is padding.
    mean = SequencePooling("mean", name="pooling")(vectors)
    logits = keras.layers.Dense(int(vocabulary_size), use_bias=False, name="output")(mean)
    return functional_model(context, logits, name)
