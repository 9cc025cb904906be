"""A linear-chain conditional random field: what each path of labels scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasrnn.checks import UserError, check_size
from kerasrnn.typing import Shape, Tensor

__all__ = ["CRF"]

# What an illegal step costs. It must outweigh all that emissions can gain on a path: float16 logits
# differ by 1.3e5 at most, which leaves room for paths of 7,000 steps. It is beyond float16 itself,
# therefore potentials are float32 under every dtype policy. Infinity would make 0 * inf = NaN.
ILLEGAL = -1e9


@keras.saving.register_keras_serializable("kerasrnn")
class CRF(keras.layers.Layer):
    r"""Linear-chain conditional random field (Lafferty et al. 2001): emissions to potentials.

    A path $y$ of labels scores (Lample et al. 2016, section 2.2)
    $\mathrm{start}_{y_0} + \sum_t e_{t, y_t} + \sum_{t>0} A_{y_{t-1}, y_t}
    + \mathrm{end}_{y_{T-1}}$, and its probability is the softmax over all paths. The layer writes
    this as one table a step, so that a path's score is the sum of `potentials[t, y[t - 1], y[t]]`;
    the first table has the same row for whatever stands before. Train with `losses.CRF`, decode
    with `decoding.viterbi` and `decoding.marginals`.

    All weights begin at 0, where the field is a softmax of each step by itself.

    Args:
        labels: Number of labels, L.
        allowed: Which starts, transitions and ends are legal: a dictionary of bool `start` `(L,)`,
            `transition` `(L, L)` from row to column, and `end` `(L,)`, such as `bio_constraints`
            returns; all by default. Illegal ones get a constant of -1e9 for their weight: no path
            with one of them is ever decoded while any other path exists. A gold path with
            one of them has a loss of that size, which is not hidden.

    Call arguments:
        emissions: `(B, T, L)` float tensor of logits.
        mask: `(B, T)` bool tensor, padding on the right, or `None`: Keras' mask of `emissions`.

    Returns:
        Potentials `(B, T, L, L)` float32, with the mask; 0 at masked steps.

    Raises:
        ValueError: For less than one label, `allowed` of other names or shapes, or emissions of
            another size.

    Example:

    >>> import numpy as np
    >>> allowed = kerasrnn.layers.bio_constraints(["O", "B", "I"])
    >>> potentials = CRF(3, allowed)(np.zeros((2, 5, 3), "float32"))
    >>> tuple(potentials.shape)
    (2, 5, 3, 3)
    >>> keras.ops.convert_to_numpy(potentials)[0, 1].tolist()
    [[0.0, 0.0, -1000000000.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """

    def __init__(self, labels: int, allowed: Mapping[str, Any] | None = None, **kwargs: Any):
        # Without autocast float32 emissions stay what they are in a model of mixed precision.
        super().__init__(autocast=False, **kwargs)
        self.labels = check_size("labels", labels)
        self.allowed = _as_lists(allowed, self._shapes())
        self.supports_masking = True

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        return {
            "start": (self.labels,),
            "transition": (self.labels, self.labels),
            "end": (self.labels,),
        }

    def build(self, emissions_shape: Shape) -> None:
        if emissions_shape[-1] != self.labels:
            raise UserError(
                f"Expected emissions of {self.labels} labels. Received: shape {emissions_shape}"
            )
        for name, shape in self._shapes().items():
            weight = self.add_weight(
                shape=shape, initializer="zeros", dtype="float32", autocast=False, name=name
            )
            setattr(self, name, weight)

    def call(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        emissions = ops.cast(emissions, "float32")
        everywhere = ops.ones_like(emissions[:, :, 0], dtype="bool")
        real = everywhere if mask is None else ops.cast(mask, "bool")
        start, transition, end = (self._legal(name) for name in ("start", "transition", "end"))
        columns = ops.expand_dims(emissions, 2)
        first = columns[:, :1] + ops.broadcast_to(start, (self.labels, self.labels))
        potentials = ops.concatenate([first, columns[:, 1:] + transition], axis=1)
        followed = ops.concatenate([real[:, 1:], ops.zeros_like(real[:, :1])], axis=1)
        last = ops.logical_and(real, ops.logical_not(followed))[..., None, None]
        potentials = potentials + ops.where(last, end, 0.0)
        return ops.where(real[..., None, None], potentials, 0.0)

    def _legal(self, name: str):
        """A weight, with the constant in its illegal places."""
        weight = ops.convert_to_tensor(getattr(self, name))
        if self.allowed is None:
            return weight
        return ops.where(np.array(self.allowed[name]), weight, ILLEGAL)

    def compute_output_spec(
        self, emissions: Tensor, mask: Tensor | None = None
    ) -> keras.KerasTensor:
        shape = (*emissions.shape[:2], self.labels, self.labels)
        return keras.KerasTensor(shape, dtype="float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "labels": self.labels, "allowed": self.allowed}


def _as_lists(
    allowed: Mapping[str, Any] | None, shapes: dict[str, tuple[int, ...]]
) -> dict[str, Any] | None:
    """Checks names and shapes, and makes what JSON can hold."""
    if allowed is None:
        return None
    arrays = {name: np.array(value, "bool") for name, value in dict(allowed).items()}
    received = {name: array.shape for name, array in arrays.items()}
    if received != shapes:
        raise UserError(
            f"Expected `allowed` to hold bool lists of the shapes {shapes}. Received: {received}"
        )
    return {name: array.tolist() for name, array in arrays.items()}
