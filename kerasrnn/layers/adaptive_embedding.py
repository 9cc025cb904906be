"""Token vectors that are also the weights of an adaptive softmax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.checks import check_integer, check_size
from kerasrnn.layers.adaptive_softmax import IdClusters
from kerasrnn.layers.class_softmax import float32, of_flat
from kerasrnn.typing import Shape, Tensor

__all__ = ["AdaptiveEmbedding"]


@keras.saving.register_keras_serializable("kerasrnn")
class AdaptiveEmbedding(IdClusters, keras.layers.ReversibleEmbedding):
    """An embedding that, in reverse, gives the log-probabilities of an adaptive softmax.

    The weights of an id in the softmax are its vector (Press and Wolf 2017, "Using the output
    embedding to improve language models"); its probability is that of its cluster times that of
    the id in it, as in `AdaptiveSoftmax`, but a cluster sees the whole hidden state: rare ids have
    vectors as long as the others. In training a cluster is computed for the tokens that fall into
    it alone; with the default cutoffs, and the words of the Penn Treebank, that is about a fifth of
    a full softmax.

    Args:
        input_dim: Number of ids V, sorted by frequency, the reserved ones first.
        output_dim: Size of the vectors E.
        cutoffs: As in `AdaptiveSoftmax`.
        **kwargs: Those of `keras.layers.ReversibleEmbedding`, without `tie_weights`.

    Call arguments:
        inputs: `(B, T)` int ids; in reverse `(B, T, E)` or `(B, E)` float hidden states.
        reverse: Whether hidden states are turned into log-probabilities.
        targets: In reverse, `(B, T)` or `(B,)` int ids, or `None` for all of them.

    Returns:
        `(B, T, E)`; in reverse the natural log-probability of each target, `(B, T)` or `(B,)`
        float32, without targets those of all ids, `(B, T, V)` or `(B, V)` float32.

    Raises:
        ValueError: For a size below 1, or cutoffs that are not increasing ids.

    Example:

    >>> layer = AdaptiveEmbedding(101, 5, cutoffs=(11, 31))
    >>> vectors = layer(keras.ops.ones((2, 3), "int32"))
    >>> tuple(vectors.shape), tuple(layer(vectors, reverse=True).shape)
    ((2, 3, 5), (2, 3, 101))
    """

    def __init__(
        self, input_dim: int, output_dim: int, cutoffs: Sequence[int] | None = None, **kwargs: Any
    ):
        input_dim = check_integer("input_dim", input_dim)
        output_dim = check_size("output_dim", output_dim)
        # Keras' layer comes behind the cutoffs, which have no constructor.
        super().__init__(input_dim, output_dim, **kwargs)  # pyright: ignore[reportCallIssue]
        self.vocabulary_size = input_dim
        self._set_clusters(input_dim, cutoffs)

    def build(self, input_shape: Shape | None = None) -> None:
        super().build(input_shape)
        count = len(self.clusters)
        if count:
            self.cluster_vectors = self.add_weight((count, self.output_dim), name="cluster_vectors")
        self.bias = self.add_weight((self.input_dim + count,), initializer="zeros", name="bias")

    def call(self, inputs: Tensor, reverse: bool = False, targets: Tensor | None = None) -> Tensor:
        if not reverse:
            return super().call(inputs)
        # An embedding does not cast its inputs, which are ids as a rule.
        hidden = ops.cast(inputs, self.compute_dtype)
        return of_flat(self, hidden, targets, self.vocabulary_size)

    def _of_head(self, hidden):
        if not self.clusters:
            return _log_softmax(hidden, self.embeddings, self.bias)
        head = self._parts()[0]
        vectors = ops.concatenate([head, self.cluster_vectors])
        bias = ops.concatenate([self.bias[: head.shape[0]], self.bias[self.input_dim :]])
        return _log_softmax(hidden, vectors, bias)

    def _of_tail(self, i, hidden):
        first, end = self.clusters[i]
        return _log_softmax(hidden, self._parts()[i + 1], self.bias[first:end])

    def _parts(self) -> list[Tensor]:
        """Cuts the vectors at the cutoffs; one split has one gradient."""
        return ops.split(self.embeddings, list(self.cutoffs))

    def compute_output_spec(
        self, inputs: Tensor, reverse: bool = False, targets: Tensor | None = None
    ) -> keras.KerasTensor:
        if not reverse:
            return super().compute_output_spec(inputs)
        shape = tuple(inputs.shape[:-1])
        shape = shape if targets is not None else (*shape, self.input_dim)
        return keras.KerasTensor(shape, dtype="float32")

    @property
    def variable_serialization_spec(self) -> dict[str, Any]:
        # What Keras' embedding does not name here, it neither saves nor loads.
        own = ["cluster_vectors", "bias"]
        return {mode: [*names, *own] for mode, names in super().variable_serialization_spec.items()}

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["tie_weights"], config["logit_soft_cap"], config["reverse_dtype"]
        return {**config, "cutoffs": list(self.cutoffs)}


def _log_softmax(hidden, vectors, bias):
    # The weights of an embedding are not cast where it is called; the product is in 16 bits too.
    vectors, bias = (ops.cast(each, hidden.dtype) for each in (vectors, bias))
    return ops.log_softmax(float32(ops.matmul(hidden, ops.transpose(vectors)) + bias))
