"""The softmax over a large vocabulary that is computed for a sample of it in training."""

from __future__ import annotations

import math

import keras
from keras import ops

from kerasrnn.layers.class_softmax import (
    NOTHING,
    VocabularySoftmax,
    float32,
    pick,
    positive_integer,
)

__all__ = ["SampledSoftmax"]


@keras.saving.register_keras_serializable("kerasrnn")
class SampledSoftmax(VocabularySoftmax):
    r"""The full softmax, whose normaliser is estimated from a part of the ids in training.

    The frequent ids, the head, and the target are always computed; of the rare ones S are drawn
    anew for each batch, without replacement, and stand for all R of them. The estimate
    $e^{z_t} + \sum_{i \in head} e^{z_i} + \frac{R}{S} \sum_{i \in sample} e^{z_i}$, the target
    left out of the sums, has the normaliser as its mean (importance sampling: Bengio and Senécal
    2003, section III; with one sample for a whole batch: Jean et al. 2015, section 3). Outside of
    training it is the full softmax, with the full softmax' weights.

    Only the rows of the ids that are computed get a gradient, which plain SGD on TensorFlow
    applies to them alone; Adam touches all rows at each step. The ids are sorted by frequency, the
    most frequent first, as `Vocabulary` has them.

    Args:
        vocabulary_size: Number of ids V, the reserved ones included.
        head: Number of ids that are always computed; V // 10 by default.
        num_samples: Number S of the other R = V − head ids that are drawn; V // 20 by default.
        seed: Seed of the draws; Keras' by default.

    Call arguments:
        hidden: `(B, T, U)` or `(B, U)` float tensor.
        targets: `(B, T)` or `(B,)` int tensor of ids, or `None` for all of them.
        training: Whether the normaliser is estimated.

    Returns:
        The natural log-probability of each target, `(B, T)` or `(B,)` float32; without targets
        those of all ids, `(B, T, V)` or `(B, V)` float32.

    Raises:
        ValueError: For sizes out of range.

    Example:

    >>> layer, hidden = SampledSoftmax(101, head=11, num_samples=7), keras.ops.zeros((2, 3, 5))
    >>> log_prob = layer(hidden, keras.ops.ones((2, 3), "int32"), training=True)
    >>> bool(keras.ops.all(abs(keras.ops.exp(-log_prob) - 101) < 1e-3))
    True
    """

    def __init__(
        self,
        vocabulary_size: int,
        head: int | None = None,
        num_samples: int | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(vocabulary_size, **kwargs)
        size = self.vocabulary_size
        self.head = max(1, size // 10) if head is None else positive_integer("head", head)
        if num_samples is None:
            num_samples = min(max(1, size // 20), size - self.head)
        elif self.head < size:
            positive_integer("num_samples", num_samples)
        if self.head > size or num_samples > size - self.head:
            raise ValueError(
                f"Expected `head` and `num_samples` to be at most {size} ids together. "
                f"Received: {head} and {num_samples}"
            )
        self.num_samples, self.seed = int(num_samples), seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, hidden_shape, targets_shape=None):
        size, units = self.vocabulary_size, hidden_shape[-1]
        # One row an id. Casting is left to the few rows that are fetched.
        self.kernel = self.add_weight((size, units), autocast=False, name="kernel")
        self.bias = self.add_weight((size,), initializer="zeros", autocast=False, name="bias")

    def _of_targets(self, hidden, targets):
        return pick(self._of_all(hidden), targets)

    def _in_training(self, hidden, targets):
        if self.head + self.num_samples == self.vocabulary_size:
            return self._of_targets(hidden, targets)
        ids = self._draw()
        logits = self._logits(hidden, ids)
        weight = math.log((self.vocabulary_size - self.head) / self.num_samples)
        logits = logits + ops.cast(ids >= self.head, "float32") * weight
        own = ops.sum(float32(hidden) * float32(ops.take(self.kernel, targets, axis=0)), axis=-1)
        own = own + float32(ops.take(self.bias, targets))
        others = ops.where(ids == ops.expand_dims(targets, -1), NOTHING, logits)
        return own - ops.logaddexp(own, ops.logsumexp(others, axis=-1))

    def _draw(self):
        """Returns the ids to compute: the head, and a part of the rest without replacement."""
        rest = self.vocabulary_size - self.head
        keys = keras.random.uniform((rest,), seed=self.seed_generator)
        _, drawn = ops.top_k(keys, self.num_samples, sorted=False)
        head = ops.arange(self.head, dtype="int32")
        return ops.concatenate([head, self.head + ops.cast(drawn, "int32")])

    def _logits(self, hidden, ids):
        kernel = ops.cast(ops.take(self.kernel, ids, axis=0), hidden.dtype)
        logits = float32(ops.matmul(hidden, ops.transpose(kernel)))
        return logits + float32(ops.take(self.bias, ids))

    def _of_all(self, hidden):
        kernel = ops.cast(self.kernel, hidden.dtype)
        logits = float32(ops.matmul(hidden, ops.transpose(kernel))) + float32(self.bias)
        return ops.log_softmax(logits)

    def get_config(self):
        config = {"head": self.head, "num_samples": self.num_samples, "seed": self.seed}
        return {**super().get_config(), **config}
