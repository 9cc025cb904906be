"""Layers over time of cells that are linear in their state."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
from keras import ops

from kerasrnn.layers.linear.linear_cell import LinearCell
from kerasrnn.layers.linear.over_time import run
from kerasrnn.typing import Tensor

__all__ = ["LinearRNN"]


class LinearRNN(keras.layers.RNN):
    """A `LinearCell` over time, with Keras' interface of recurrent layers.

    The products of all steps are one product. For what is left see `over_time.recurrence`.

    Args:
        units: Number of units U.
        memory: See `LinearCell`.
        **kwargs: Those of `keras.layers.RNN`; `unroll` changes nothing.
    """

    cell_type: ClassVar[type[LinearCell]]

    def __init__(self, units: int, memory: int | None = None, **kwargs: Any):
        cell = self.cell_type(units, memory, dtype=kwargs.get("dtype"))
        super().__init__(cell, **kwargs)
        self.supports_masking = True  # Keras 3.16 says of each `RNN` that it does not
        self.recurrence = "keras"

    def inner_loop(
        self,
        sequences: Tensor,
        initial_state: Any,
        mask: Tensor | None = None,
        training: bool | None = False,
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Does what `inner_loop` of `keras.layers.RNN` does.

        Args:
            sequences: `(B, T, F)` float tensor.
            initial_state: The state before the first step, `(B, U)`, in a list.
            mask: `(B, T)` bool tensor, or `None`.
            training: Changes nothing.

        Returns:
            The last output `(B, U)`, the outputs `(B, T, U)` and the list of the last state.
        """
        (first,) = keras.tree.flatten(initial_state)
        sequences = ops.swapaxes(sequences, 0, 1)
        valid = None
        if mask is not None:
            valid = ops.expand_dims(
                ops.transpose(ops.cast(keras.tree.flatten(mask)[0], "bool")), -1
            )
        if self.go_backwards:
            sequences = ops.flip(sequences, axis=0)
            valid = None if valid is None else ops.flip(valid, axis=0)
        outputs, last = self._run(sequences, self.cell.precise(first), valid)
        if valid is not None and self.zero_output_for_mask:
            outputs = ops.where(valid, outputs, ops.zeros_like(outputs))
        return self._last_output(outputs, last, valid), ops.swapaxes(outputs, 0, 1), [last]

    def _last_output(self, outputs, last, valid):
        """Gives the last output, from the last state where it can: its gradient is smaller."""
        if not self.cell.outputs_are_states or (valid is not None and self.zero_output_for_mask):
            return outputs[-1]
        return last if valid is None else ops.where(ops.any(valid, axis=0), last, 0)

    def _run(self, sequences, first, valid):
        if self.recurrence == "compiled":
            from kerasrnn.layers.linear.compiled import has_compiled_way, run_compiled

            if has_compiled_way(self.cell):
                return run_compiled(self.cell, sequences, first, valid)
        outputs, states = run(type(self.cell), self.cell.project(sequences), first, valid)
        return outputs, states[-1]

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["cell"]
        return {**config, "units": self.cell.units, "memory": self.cell.memory}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LinearRNN:
        return cls(**config)
