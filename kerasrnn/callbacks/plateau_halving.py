"""A learning-rate rule that noisy validations do not fool, as a callback that survives restarts."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any, ClassVar

from kerasrnn.callbacks.decision import Decision
from kerasrnn.callbacks.halving_rule import HalvingRule
from kerasrnn.callbacks.plateau_state import PlateauState
from kerasrnn.checks import check_integer

__all__ = ["PlateauHalving"]


class PlateauHalving(HalvingRule):
    """Halves the learning rate where validation has stopped improving for some epochs.

    After each epoch its validation negative log-likelihood (nll) is compared with the best one so
    far:

    1. Below it: weights and optimizer variables are the new snapshot. Random seeds (dropout)
       always run on.
    2. A gain that counts is of 0.3 % or more (nll * `min_improvement` <= best, and nll < best; of
       an nll below 0, of a density, every gain counts).
    3. After `patience` epochs in a row without one, weights and optimizer variables go back to the
       snapshot, the rate is multiplied by `factor`, and the wait begins anew.
    4. After `halvings` halvings in a row without one, training ends instead of the next halving.
    5. A value that is not finite, or a perplexity that is not positive: as 3 and 4 at once, without
       a wait; back to the initial weights where there is no snapshot yet.

    Thus one noisy epoch costs nothing. `LearningRateHalving`, which compares with the epoch
    before, is quicker to halve and to end. The model needs a validation in every epoch, and an
    optimizer whose learning rate is a number. An interrupted run goes on, with `state_dir`, as one
    of `LearningRateHalving` does, which tells how.

    Args:
        monitor: The entry of the logs to compare. A name that contains "perplexity" is taken for a
            perplexity, whose logarithm is the nll; any other, such as "val_loss", for an nll
            itself.
        state_dir: The folder of state and snapshots; `None` keeps them in memory.
        patience: Epochs in a row without a gain that counts, after which the rate is halved.
        halvings: Halvings in a row without a gain that counts, after which training ends; with 0
            it ends in place of the first one.
        factor: What the rate is multiplied by, between 0 and 1.
        min_improvement: Best nll / nll of the smallest gain that counts, at least 1.
        verbose: 1 prints one line after each epoch, 0 none.

    Attributes:
        history: A dictionary for each epoch: "epoch" (from 0), "value" (as monitored),
            "learning_rate" (used in that epoch), "decision" (in words), "restored" and "halved".
        gain: The fraction by which the nll of the last epoch is below the best one before, below 0
            where it is above; `None` where one of them is not finite.
        gain_of: What has this gain, in words, such as "log val_perplexity".

    Raises:
        ValueError: From the constructor, for an argument out of range; when training begins, for a
            learning rate that is not a number, or a `state_dir` that cannot be written or does
            not hold the state to go on from; after an epoch, for logs without the monitored value.

    Example:

    >>> import numpy as np
    >>> model, ids = kerasrnn.language_model(11, units=5), np.array([[7, 8, 9, 2]])
    >>> loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> model.compile(keras.optimizers.SGD(0.1), loss, weighted_metrics=[metrics.Perplexity()])
    >>> halving = kerasrnn.callbacks.PlateauHalving(patience=3, verbose=0)
    >>> options = {"validation_data": (ids, ids), "epochs": 2, "verbose": 0}
    >>> history = model.fit(ids, ids, callbacks=[halving], **options)
    >>> [epoch["decision"] for epoch in halving.history]
    ['first epoch', 'improved']
    """

    state_class: ClassVar[Any] = PlateauState
    initial_memory: ClassVar[Mapping[str, Any]] = {
        "waited": 0,
        "fruitless": 0,
        "best": math.inf,
        "best_epoch": -1,
    }

    def __init__(
        self,
        monitor: str = "val_perplexity",
        state_dir: str | os.PathLike[str] | None = None,
        patience: int = 2,
        halvings: int = 2,
        factor: float = 0.5,
        min_improvement: float = 1.003,
        verbose: int = 1,
    ):
        super().__init__(monitor, state_dir, factor, min_improvement, verbose)
        self.patience: int = check_integer("patience", patience)
        self.halvings: int = check_integer("halvings", halvings, least=0)

    @property
    def gain_in_words(self) -> str:
        """What the gain is and what hangs on it, for people."""
        least = 100 * (1 - 1 / self.min_improvement)
        epochs = f"{self.patience} epochs" if self.patience > 1 else "an epoch"
        return (
            f"by how much {self.gain_of} is below the best before; after {epochs} of less than "
            f"{least:.2g}% the learning rate is halved"
        )

    def decide(self, state: PlateauState, nll: float) -> Decision:
        better = nll < state.best
        counts = better and nll * self.min_improvement <= state.best
        waited = 0 if counts else self.patience if nll == math.inf else state.waited + 1
        over = waited >= self.patience
        stopped = over and state.fruitless >= self.halvings
        halved = over and not stopped
        return Decision(
            words=self._in_words(state, nll, waited, stopped),
            accepted=better,
            restored=over and not better,
            halved=halved,
            stopped=stopped,
            memory={
                "waited": 0 if over else waited,
                "fruitless": 0 if counts else state.fruitless + halved,
                "best": min(nll, state.best),
                "best_epoch": state.epoch + 1 if better else state.best_epoch,
            },
        )

    def _in_words(self, state: PlateauState, nll: float, waited: int, stopped: bool) -> str:
        if not waited:
            return "improved" if state.history else "first epoch"
        words = "gain too small" if nll < state.best else "no gain"
        if waited < self.patience:
            return f"{words}, epoch {waited} of {self.patience} to wait"
        if nll == math.inf:
            words = "not finite"
        if nll >= state.best:
            words += f", {state.snapshot_in_words} restored"
        return f"{words}, {'training stops' if stopped else 'learning rate halved'}"

    def compared_with(self, state: PlateauState) -> float | None:
        values = {record["epoch"]: record["value"] for record in state.history}
        return values.get(state.best_epoch)

    def gain_over(self, state: PlateauState, nll: float, decision: Decision) -> float | None:
        if not (state.best < math.inf and nll < math.inf):
            return None
        return (state.best - nll) / (abs(state.best) or 1.0)
