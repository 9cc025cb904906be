"""An adaptive softmax, which spends little on the rare words of a large vocabulary."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError, check_number
from kerasrnn.layers.class_softmax import VocabularySoftmax, float32, pick
from kerasrnn.typing import Shape, Tensor
from kerasrnn.vocabulary import END

__all__ = ["AdaptiveSoftmax", "IdClusters"]

# The backends on which the number of rows may depend on values.
DYNAMIC_SHAPES = ("tensorflow", "torch")


class IdClusters:
    """The cutoffs of an adaptive softmax, and how head and clusters make up a distribution.

    A subclass gives `_of_head(hidden)`, the `(N, K + C)` log-probabilities of the K ids of the head
    and of the C clusters, and `_of_tail(i, hidden)`, `(N, …)`, those within cluster i.
    """

    # What a subclass gives.
    _of_head: Callable[[Tensor], Tensor]
    _of_tail: Callable[[int, Tensor], Tensor]

    def _set_clusters(self, vocabulary_size: int, cutoffs: Sequence[int] | None) -> None:
        size = vocabulary_size
        if cutoffs is None:
            cutoffs = [cut for cut in (size // 25, size // 5) if cut > END]
        bounds = [0, *cutoffs, size]
        whole = all(isinstance(cut, numbers.Integral) for cut in bounds)
        if not whole or any(low >= high for low, high in itertools.pairwise(bounds)):
            raise UserError(
                f"Expected `cutoffs` to be increasing ids from 1 to {size - 1}. "
                f"Received: {cutoffs!r}"
            )
        self.cutoffs: tuple[int, ...] = tuple(int(cut) for cut in cutoffs)
        # First id and end of each cluster.
        self.clusters: list[tuple[int, int]] = list(itertools.pairwise([*self.cutoffs, size]))

    def _of_targets(self, hidden, targets):
        inside = [(targets >= first) & (targets < end) for first, end in self.clusters]
        entry = targets
        for i, here in enumerate(inside):
            entry = ops.where(here, self.clusters[0][0] + i, entry)
        log_prob = pick(self._of_head(hidden), entry)
        add = self._add_everywhere
        if keras.backend.backend() in DYNAMIC_SHAPES:
            add = self._add_inside
        for i, here in enumerate(inside):
            log_prob = add(log_prob, i, here, hidden, targets)
        return log_prob

    def _add_inside(self, log_prob, i, here, hidden, targets):
        """Adds the log-probabilities within cluster i of the rows that are `here`, in it."""
        (rows,) = ops.nonzero(here)
        words = ops.take(targets, rows) - self.clusters[i][0]
        added = pick(self._of_tail(i, ops.take(hidden, rows, axis=0)), words)
        return ops.scatter_update(log_prob, ops.expand_dims(rows, -1), added, reduction="add")

    def _add_everywhere(self, log_prob, i, here, hidden, targets):
        """Does the same with all rows computed."""
        first, end = self.clusters[i]
        words = ops.clip(targets - first, 0, end - first - 1)
        return log_prob + ops.where(here, pick(self._of_tail(i, hidden), words), 0.0)

    def _of_all(self, hidden):
        head = self._of_head(hidden)
        head_size = head.shape[-1] - len(self.clusters)
        parts = [head[:, :head_size]]
        for i in range(len(self.clusters)):
            entry = head_size + i
            parts.append(head[:, entry : entry + 1] + self._of_tail(i, hidden))
        return ops.concatenate(parts, axis=-1)


@keras.saving.register_keras_serializable("kerasrnn")
class AdaptiveSoftmax(IdClusters, VocabularySoftmax):
    """A softmax over the frequent ids, the head, and smaller ones over clusters of rare ids.

    The head has an entry for each cluster too: the probability of a rare id is that of its cluster
    times that of the id in it. A cluster sees the hidden state through a projection, the smaller
    the rarer its ids (Grave et al. 2017, "Efficient softmax approximation for GPUs").

    The ids are sorted by frequency, the most frequent first, as `Vocabulary` has them; its
    reserved ids belong to the head. On TensorFlow and PyTorch a cluster is computed for the tokens
    that fall into it alone. JAX knows no arrays of a size that depends on values: there each
    cluster is computed for all tokens, with the same result, which costs less than the full
    softmax by the projection alone.

    Args:
        vocabulary_size: Number of ids V, the reserved ones included.
        cutoffs: The first id of each cluster, increasing, from 1 to V − 1; `(V // 25, V // 5)` by
            default, those above the reserved ids. Without any it is a full softmax.
        factor: Cluster i, counted from 1, sees U / factor^i numbers, at least one.

    Call arguments:
        hidden: `(B, T, U)` or `(B, U)` float tensor.
        targets: `(B, T)` or `(B,)` int tensor of ids, or `None` for all of them. Padding gets the
            log-probability of id 0, to be left out by a mask or a sample weight.

    Returns:
        The natural log-probability of each target, `(B, T)` or `(B,)` float32; without targets
        those of all ids, `(B, T, V)` or `(B, V)` float32.

    Raises:
        ValueError: For a vocabulary without ids, cutoffs that are not increasing ids, or a factor
            below 1.

    Example:

    >>> layer, hidden = AdaptiveSoftmax(101, cutoffs=(11, 31)), keras.random.normal((2, 3, 5))
    >>> log_prob = layer(hidden, keras.ops.ones((2, 3), "int32"))
    >>> tuple(log_prob.shape), tuple(layer(hidden).shape)
    ((2, 3), (2, 3, 101))
    """

    def __init__(
        self,
        vocabulary_size: int,
        cutoffs: Sequence[int] | None = None,
        factor: float = 4.0,
        **kwargs: Any,
    ):
        super().__init__(vocabulary_size, **kwargs)
        self._set_clusters(self.vocabulary_size, cutoffs)
        self.factor = check_number("factor", factor, least=1)

    def build(self, hidden_shape: Shape, targets_shape: Shape | None = None) -> None:
        units = int(hidden_shape[-1] or 0)

        def softmax_weights(name, inputs, outputs):
            kernel = self.add_weight((inputs, outputs), name=f"{name}_kernel")
            return kernel, self.add_weight((outputs,), initializer="zeros", name=f"{name}_bias")

        head_size = self.clusters[0][0] if self.clusters else self.vocabulary_size
        self.head = softmax_weights("head", units, head_size + len(self.clusters))
        self.projections, self.tails = [], []
        for i, (first, end) in enumerate(self.clusters, start=1):
            small = max(1, int(units / self.factor**i))
            self.projections.append(self.add_weight((units, small), name=f"projection_{i}"))
            self.tails.append(softmax_weights(f"tail_{i}", small, end - first))

    def _of_head(self, hidden):
        return _log_softmax(hidden, *self.head)

    def _of_tail(self, i, hidden):
        return _log_softmax(ops.matmul(hidden, self.projections[i]), *self.tails[i])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cutoffs": list(self.cutoffs), "factor": self.factor}


def _log_softmax(hidden, kernel, bias):
    return ops.log_softmax(float32(ops.matmul(hidden, kernel) + bias))
