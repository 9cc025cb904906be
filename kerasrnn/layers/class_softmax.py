"""The softmax over a large vocabulary in two steps: the class of a word, the word in its class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasrnn.checks import UserError, check_integer
from kerasrnn.typing import Shape, Tensor

__all__ = ["ClassSoftmax", "VocabularySoftmax", "frequency_classes"]

# What an empty place of a class gets instead of a logit; finite, so that its gradient is 0.
NOTHING = -1e30


class VocabularySoftmax(keras.layers.Layer):
    """What the output layers of large vocabularies share: two ways to be called.

    A subclass gives the natural log-probabilities, float32, of a flat list of N hidden states:
    `_of_targets(hidden, targets)`, `(N,)`, and `_of_all(hidden)`, `(N, V)`.

    Args:
        vocabulary_size: Number of ids V, the reserved ones included.

    Raises:
        ValueError: For a vocabulary without ids.
    """

    def __init__(self, vocabulary_size: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.vocabulary_size: int = check_integer("vocabulary_size", vocabulary_size)
        self.supports_masking = True

    def call(self, hidden: Tensor, targets: Tensor | None = None) -> Tensor:
        return of_flat(self, hidden, targets, self.vocabulary_size)

    def log_probs(self, hidden: Tensor) -> Tensor:
        """Returns the log-probabilities of all ids, what the layer gives without targets."""
        return self(hidden)

    def compute_output_spec(
        self, hidden: Tensor, targets: Tensor | None = None
    ) -> keras.KerasTensor:
        shape = tuple(hidden.shape[:-1])
        shape = shape if targets is not None else (*shape, self.vocabulary_size)
        return keras.KerasTensor(shape, dtype="float32")

    def compute_mask(self, hidden: Tensor, mask: Tensor | None = None) -> Tensor | None:
        return mask[0] if isinstance(mask, (list, tuple)) else mask

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "vocabulary_size": self.vocabulary_size}


@keras.saving.register_keras_serializable("kerasrnn")
class ClassSoftmax(VocabularySoftmax):
    r"""A softmax over classes, and one over the words of the target's class.

    $P(w \mid h) = P(c(w) \mid h) \, P(w \mid c(w), h)$ (Mikolov et al. 2011, "Extensions of
    recurrent neural network language model", on the factorisation of the output layer). In
    training only the words of the target's class are computed, and only their weights change
    where the optimizer is plain SGD on TensorFlow, which leaves rows without a gradient alone;
    Adam touches all rows at each step.

    The paper's number of classes, the square root of V, makes the number of products smallest. In
    a batch each token has a class of its own, whose weights are fetched for it, which costs far
    more a product than the softmax over classes, one matrix product for all tokens. Hence eight
    times as many classes by default.

    Args:
        vocabulary_size: Number of ids V, the reserved ones included.
        num_classes: Number of classes C, up to V; 8 √V by default. Words so frequent that they
            fill more than a class leave fewer.
        counts: How often each id occurs, V numbers. By default the ids are taken to be sorted by
            frequency, the most frequent first, as `Vocabulary` has them, with frequencies 1 / rank
            (Zipf). `frequency_classes` says how classes follow.

    Call arguments:
        hidden: `(B, T, U)` or `(B, U)` float tensor.
        targets: `(B, T)` or `(B,)` int tensor of ids, or `None` for all of them. Padding gets the
            log-probability of id 0, to be left out by a mask or a sample weight.

    Returns:
        The natural log-probability of each target, `(B, T)` or `(B,)` float32; without targets
        those of all ids, `(B, T, V)` or `(B, V)` float32.

    Raises:
        ValueError: For sizes out of range, or counts that are not V numbers of at least 0.

    Example:

    >>> layer, hidden = ClassSoftmax(101), keras.random.normal((2, 3, 5))
    >>> log_prob = layer(hidden, keras.ops.ones((2, 3), "int32"))
    >>> tuple(log_prob.shape), tuple(layer(hidden).shape)
    ((2, 3), (2, 3, 101))
    """

    def __init__(
        self,
        vocabulary_size: int,
        num_classes: int | None = None,
        counts: Sequence[float] | None = None,
        **kwargs: Any,
    ):
        super().__init__(vocabulary_size, **kwargs)
        size = self.vocabulary_size
        if num_classes is None:
            num_classes = min(size, round(8 * size**0.5))
        if check_integer("num_classes", num_classes) > size:
            raise UserError(
                f"Expected `num_classes` of at most {size}, the ids. Received: {num_classes}"
            )
        self.num_classes = int(num_classes)
        self.counts = None if counts is None else np.asarray(counts).tolist()
        frequencies = 1 / np.arange(1, size + 1) if counts is None else np.asarray(counts)
        self.class_of = frequency_classes(frequencies, self.num_classes)
        if len(self.class_of) != size:
            raise UserError(f"Expected {size} `counts`, one an id. Received: {len(frequencies)}")
        self.members, self.place_of = _members(self.class_of)

    def build(self, hidden_shape: Shape, targets_shape: Shape | None = None) -> None:
        units, classes, size = hidden_shape[-1], len(self.members), self.vocabulary_size
        self.class_kernel = self.add_weight(shape=(units, classes), name="class_kernel")
        self.class_bias = self.add_weight((classes,), initializer="zeros", name="class_bias")
        # One row an id, in the order of ids. Casting is left to the few rows that are fetched.
        self.kernel = self.add_weight((size, units), autocast=False, name="kernel")
        self.bias = self.add_weight((size,), initializer="zeros", autocast=False, name="bias")

    def _of_targets(self, hidden, targets):
        classes = ops.take(self.class_of, targets)
        members = ops.take(self.members, classes, axis=0)  # (N, M)
        ids = ops.maximum(members, 0)
        kernel = ops.cast(ops.take(self.kernel, ids, axis=0), hidden.dtype)
        logits = float32(ops.einsum("nu,nmu->nm", hidden, kernel))
        logits = logits + float32(ops.take(self.bias, ids, axis=0))
        words = ops.log_softmax(ops.where(members < 0, NOTHING, logits))
        return pick(self._of_classes(hidden), classes) + pick(
            words, ops.take(self.place_of, targets)
        )

    def _of_classes(self, hidden):
        return ops.log_softmax(float32(ops.matmul(hidden, self.class_kernel) + self.class_bias))

    def _of_all(self, hidden):
        kernel = ops.cast(self.kernel, hidden.dtype)
        logits = float32(ops.matmul(hidden, ops.transpose(kernel))) + float32(self.bias)
        by_class = ops.take(logits, np.maximum(self.members, 0), axis=-1)  # (N, C, M)
        normaliser = ops.logsumexp(ops.where(self.members < 0, NOTHING, by_class), axis=-1)
        return logits + ops.take(self._of_classes(hidden) - normaliser, self.class_of, axis=-1)

    def get_config(self) -> dict[str, Any]:
        config = {"num_classes": self.num_classes, "counts": self.counts}
        return {**super().get_config(), **config}


def frequency_classes(counts: Sequence[float] | np.ndarray, num_classes: int) -> np.ndarray:
    """Puts words of like frequency into classes of like cost.

    The paper cuts the words, sorted by frequency, into classes of the same total frequency: the
    first class has one word, the last one most of the vocabulary. rnnlm's later option takes
    square roots of frequencies instead, which makes classes more even. Here half of a word's share
    is that of its square root and half is 1 / V, so that no class has more than 2 V / C + 1 words:
    the largest class is what each token of a batch has to pay for.

    Args:
        counts: How often each id occurs.
        num_classes: Number of classes C; there are fewer where a word fills more than one.

    Returns:
        The class of each id, `(V,)` int32, from 0 without gaps, the most frequent words first.

    Raises:
        ValueError: For counts that are not a list of finite numbers of at least 0, not all 0.

    Example:

    >>> frequency_classes([0, 16, 1, 4, 1, 1], 3).tolist()
    [2, 0, 1, 1, 2, 2]
    """
    counts = np.asarray(counts, "float64")
    if counts.ndim != 1 or not np.isfinite(counts).all() or (counts < 0).any() or not counts.any():
        raise UserError(
            "Expected `counts` to be a list of finite numbers of at least 0, some above it. "
            f"Received: shape {counts.shape}, {counts[:5]}…"
        )
    order = np.argsort(-counts, kind="stable")
    roots = np.sqrt(counts[order])
    share = 0.5 * roots / roots.sum() + 0.5 / len(counts)
    middle = np.cumsum(share) - share / 2
    cuts = np.minimum((middle * num_classes).astype("int32"), num_classes - 1)
    classes = np.empty(len(counts), "int32")
    classes[order] = np.unique(cuts, return_inverse=True)[1]
    return classes


def _members(class_of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the ids of each class, `(C, M)`, −1 where it has less, and each id's place in it."""
    sizes = np.bincount(class_of)
    order = np.argsort(class_of, kind="stable")
    place_of = np.empty_like(class_of)
    place_of[order] = np.arange(len(order)) - (np.cumsum(sizes) - sizes)[class_of[order]]
    members = np.full((len(sizes), sizes.max()), -1, "int32")
    members[class_of, place_of] = np.arange(len(class_of))
    return members, place_of


def of_flat(
    layer: keras.layers.Layer, hidden: Tensor, targets: Tensor, vocabulary_size: int
) -> Tensor:
    """Calls `_of_targets` or, without targets, `_of_all` of a layer on flat lists."""
    shape = ops.shape(hidden)
    flat = ops.reshape(hidden, (-1, shape[-1]))
    if targets is None:
        return ops.reshape(layer._of_all(flat), (*shape[:-1], vocabulary_size))
    targets = ops.reshape(ops.cast(targets, "int32"), (-1,))
    return ops.reshape(layer._of_targets(flat, targets), shape[:-1])


def pick(values: Tensor, index: Tensor) -> Tensor:
    """Returns `(N,)`: of each row of `values` `(N, K)` the one at `index` `(N,)`."""
    return ops.squeeze(ops.take_along_axis(values, ops.expand_dims(index, -1), axis=-1), -1)


def float32(values: Tensor) -> Tensor:
    return ops.cast(values, "float32")
