"""Sums and maxima over all paths of a conditional random field."""

from __future__ import annotations

from collections.abc import Callable

from keras import ops

from kerasrnn.layers.empty_batches import greatest
from kerasrnn.typing import Tensor

__all__ = ["forward_pass", "log_partition", "marginals", "path_log_probs", "viterbi"]

# The logarithm of what is impossible, finite: infinity less infinity would be NaN.
IMPOSSIBLE = -1e30


def viterbi(potentials: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
    """Finds the path of labels with the highest score (Viterbi 1967).

    Args:
        potentials: `(B, T, L, L)` float tensor, see `layers.CRF`; T is at least 1.
        mask: `(B, T)` bool tensor, padding on the right, or `None`: Keras' mask of `potentials`.

    Returns:
        A dictionary of `labels` `(B, T)` int32, 0 at padding; `score` `(B,)` float32, the score of
        that path; `log_prob` `(B,)` float32, the natural logarithm of its probability.

    Example:

    >>> import numpy as np
    >>> logits = np.array([[[1.0, 0.0], [0.0, 3.0]]], "float32")
    >>> best = viterbi(kerasrnn.layers.CRF(2)(logits))
    >>> keras.ops.convert_to_numpy(best["labels"]).tolist(), float(best["score"][0])
    ([[0, 1]], 4.0)
    """
    potentials, mask = _tensors(potentials, mask)
    best, gains = forward_pass(potentials, greatest)
    before = ops.concatenate([_before_first(potentials)[:, None], best[:, :-1]], axis=1)
    pointers = ops.cast(ops.argmax(before[..., None] + potentials, axis=2), "int32")
    every_label = ops.arange(potentials.shape[-1], dtype="int32")
    last = ops.cast(ops.argmax(best[:, -1], axis=-1), "int32")

    def step(label, pointers):
        chosen = ops.equal(every_label, label[:, None])
        previous = ops.sum(ops.where(chosen, pointers, 0), axis=-1)
        return previous, previous

    _, previous = ops.scan(step, last, ops.swapaxes(pointers, 0, 1), reverse=True)
    labels = ops.concatenate([ops.swapaxes(previous[1:], 0, 1), last[:, None]], axis=1)
    _, log_z_gains = forward_pass(potentials)
    return {
        "labels": ops.where(mask, labels, 0),
        "score": ops.sum(gains, axis=-1),
        # Step by step, since the difference of two big sums would be rough. What padding gains
        # is exactly 0 above, and rounding here.
        "log_prob": _masked_sum(gains - log_z_gains, mask),
    }


def marginals(potentials: Tensor, mask: Tensor | None = None) -> Tensor:
    """Returns the probability of each label at each step, by the forward-backward algorithm.

    Args:
        potentials: `(B, T, L, L)` float tensor, see `layers.CRF`; T is at least 1.
        mask: `(B, T)` bool tensor, padding on the right, or `None`: Keras' mask of `potentials`.

    Returns:
        `(B, T, L)` float32, which sums to 1 over the last axis; 0 at padding.

    Example:

    >>> import numpy as np
    >>> keras.ops.convert_to_numpy(marginals(np.zeros((1, 2, 4, 4), "float32")))[0, 0].tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    potentials, real = _tensors(potentials, mask)
    forward, _ = forward_pass(potentials)
    scores = forward + _backward_pass(potentials)
    # Not `ops.softmax`, which warns where there is one label.
    probs = ops.exp(scores - greatest(scores, axis=-1, keepdims=True))
    probs = probs / ops.sum(probs, axis=-1, keepdims=True)
    return ops.where(real[..., None], probs, 0.0)


def path_log_probs(
    potentials: Tensor, labels: Tensor, mask: Tensor | None = None
) -> dict[str, Tensor]:
    """Gives the probabilities from which that of any part of a path follows.

    Given the input a path is a Markov chain: labels i to j all come out with the probability of
    label i times that of each further one given the one before it.

    Args:
        potentials: `(B, T, L, L)` float tensor, see `layers.CRF`; T is at least 1.
        labels: `(B, T)` int tensor: the path, such as that of `viterbi`.
        mask: `(B, T)` bool tensor, padding on the right, or `None`: Keras' mask of `potentials`.

    Returns:
        A dictionary of `marginal` and `conditional`, `(B, T)` float32, natural logarithms: of each
        label alone, and of each label given the one before it; 0 at padding.
    """
    potentials, mask = _tensors(potentials, mask)
    alone = marginals(potentials, mask)
    picked = ops.take_along_axis(alone, ops.expand_dims(labels, -1), axis=-1)
    before = ops.concatenate([ops.zeros_like(labels[:, :1]), labels[:, :-1]], axis=1)
    of_before = ops.expand_dims(ops.expand_dims(before, -1), -1)
    size = potentials.shape[-1]
    rows = ops.take_along_axis(potentials, ops.repeat(of_before, size, axis=-1), axis=2)
    scores = ops.squeeze(rows, 2) + _backward_pass(potentials)
    given = ops.take_along_axis(scores, ops.expand_dims(labels, -1), axis=-1)
    given = ops.squeeze(given, -1) - ops.logsumexp(scores, axis=-1)
    tiny = 1e-37  # the smallest float32; none of these logarithms is infinite
    return {
        "marginal": ops.where(mask, ops.log(ops.maximum(ops.squeeze(picked, -1), tiny)), 0.0),
        "conditional": ops.where(mask, given, 0.0),
    }


def log_partition(potentials: Tensor, mask: Tensor | None = None) -> Tensor:
    """Returns log Z: the logarithm of the sum over all paths of the exponential of their scores.

    Args:
        potentials: `(B, T, L, L)` float tensor, see `layers.CRF`; T is at least 1.
        mask: `(B, T)` bool tensor, padding on the right, or `None`: Keras' mask of `potentials`.

    Returns:
        `(B,)` float32; 0 for a row without any step.

    Example:

    >>> import numpy as np
    >>> log_z = log_partition(np.zeros((1, 3, 2, 2), "float32"))
    >>> round(float(keras.ops.exp(log_z)[0]), 4)  # the number of paths
    8.0
    """
    potentials, mask = _tensors(potentials, mask)
    _, gains = forward_pass(potentials)
    return _masked_sum(gains, mask)


def forward_pass(
    potentials: Tensor, reduce: Callable[..., Tensor] = ops.logsumexp
) -> tuple[Tensor, Tensor]:
    """Reduces over all paths that end in a label, step after step (Rabiner 1989, section III).

    Args:
        potentials: `(B, T, L, L)` float32 tensor, see `layers.CRF`.
        reduce: `ops.logsumexp` or `greatest`.

    Returns:
        `(B, T, L)` float32, the reduced score of the paths up to a step that end in each label,
        less all gains so far, so that it reduces to 0 over the last axis; and `(B, T)` float32,
        what each step gains: log Z_t - log Z_{t-1}, or the growth of the highest score.
    """

    def step(carry, table):
        scores = reduce(carry[0][:, :, None] + table, axis=1)
        gain = reduce(scores, axis=-1, keepdims=True)
        scores = scores - gain
        return (scores, gain), (scores, gain)

    first = _before_first(potentials)
    _, (scores, gains) = ops.scan(step, (first, first[:, :1]), ops.swapaxes(potentials, 0, 1))
    return ops.swapaxes(scores, 0, 1), ops.swapaxes(gains[..., 0], 0, 1)


def _backward_pass(potentials):
    """`(B, T, L)`: what follows each label, reduced over all paths, up to a constant a step."""

    def step(after, table):
        scores = ops.logsumexp(table + after[:, None, :], axis=2)
        scores = scores - ops.logsumexp(scores, axis=-1, keepdims=True)
        return scores, scores

    last = ops.zeros_like(potentials[:, 0, 0])
    _, before = ops.scan(step, last, ops.swapaxes(potentials, 0, 1), reverse=True)
    # What step t + 1 hands back belongs to step t, and nothing comes back to the last.
    backward = ops.concatenate([before[1:], ops.zeros_like(before[:1])], axis=0)
    return ops.swapaxes(backward, 0, 1)


def _before_first(potentials):
    """`(B, L)`: before the first step stands label 0; its table has the same row for all labels.

    A loop over all steps needs no other care for sequences of one step, where a loop over the
    others would run over nothing, which TensorFlow refuses for a batch of unknown size.
    """
    zeros = ops.zeros_like(potentials[:, 0, 0])
    return zeros + IMPOSSIBLE * ops.cast(ops.arange(potentials.shape[-1]) > 0, zeros.dtype)


def _tensors(potentials, mask) -> tuple[Tensor, Tensor]:
    """Float32 potentials and a bool mask; a masked step's table hands every label on as it is."""
    mask = getattr(potentials, "_keras_mask", None) if mask is None else mask
    potentials = ops.cast(ops.convert_to_tensor(potentials), "float32")
    if mask is None:
        mask = ops.ones_like(potentials[:, :, 0, 0], dtype="bool")
    mask = ops.cast(mask, "bool")
    # The table alone carries the mask: Keras' scan over two tensors of unknown length fails.
    unchanged = IMPOSSIBLE * (1.0 - ops.eye(potentials.shape[-1], dtype="float32"))
    return ops.where(mask[..., None, None], potentials, unchanged), mask


def _masked_sum(values, mask):
    return ops.sum(ops.where(mask, values, 0.0), axis=-1)
