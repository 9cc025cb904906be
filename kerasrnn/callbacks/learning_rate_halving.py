"""Mikolov's learning-rate schedule for language models, as a callback that survives restarts."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any, ClassVar

from kerasrnn.callbacks.decision import Decision
from kerasrnn.callbacks.halving_rule import HalvingRule
from kerasrnn.callbacks.halving_state import HalvingState

__all__ = ["LearningRateHalving"]


class LearningRateHalving(HalvingRule):
    """Halves the learning rate once validation stops improving, and then ends the training.

    Mikolov et al. (2010), section 2, as the RNNLM toolkit has it. After each epoch its validation
    negative log-likelihood (nll) is compared with that of the epoch before, which need not be the
    best one:

    1. The first epoch counts as improved.
    2. Worse (nll > previous): weights and optimizer variables go back to the last epoch that was
       not worse. Otherwise they are the new snapshot. Random seeds (dropout) run on.
    3. A gain below 0.3 % (nll * `min_improvement` > previous, or none at all) is a failure: the
       first one starts the halving, the second one ends the training.
    4. Once started, the rate is multiplied by `factor` after every epoch, the one that started it
       included.
    5. previous = nll, also where weights were put back.

    "None at all" differs from the toolkit for nll = 0 alone (perplexity 1, which cannot improve):
    there 0 * 1.003 > 0 is false and training would never end. An nll below 0, of a density, is a
    failure only where it does not fall. A value that is not finite, or a perplexity that is not
    positive, counts as worse and as a failure, in the first epoch too (back to the initial
    weights); whatever finite value follows counts as improved.

    The model needs a validation in every epoch, and an optimizer whose learning rate is a number.
    Training starts at the optimizer's learning rate; the toolkit has 0.1 with plain SGD.

    With `state_dir`, an interrupted run goes on as if it had not been: put
    `keras.callbacks.BackupAndRestore` (or whatever stores the weights) **after** this callback,
    and `CSVLogger` too, for which `logs["learning_rate"]` gets the rate used in the epoch. Fit
    from epoch 0 starts afresh and deletes the states of an earlier run; fit from epoch e goes on
    from the state of epoch e - 1. If the training had ended there, nothing changes any more: the
    one batch that Keras still trains is undone. Give each run, and each worker, a folder of its
    own. Without `state_dir`, only the same callback object can go on.

    Args:
        monitor: The entry of the logs to compare. A name that contains "perplexity" is taken for a
            perplexity, whose logarithm is the nll; any other, such as "val_loss", for an nll
            itself.
        state_dir: The folder of state and snapshots; `None` keeps them in memory.
        factor: What the rate is multiplied by, between 0 and 1.
        min_improvement: Previous nll / nll of the smallest gain that will do, at least 1.
        verbose: 1 prints one line after each epoch, 0 none.

    Attributes:
        history: A dictionary for each epoch: "epoch" (from 0), "value" (as monitored),
            "learning_rate" (used in that epoch), "decision" (in words), "restored" and "halved".
        gain: The fraction by which the nll of the last epoch is below that of the epoch before;
            `None` where one of them is not finite, and where weights were put back.
        gain_of: What has this gain, in words, such as "log val_perplexity".

    Raises:
        ValueError: From the constructor, for a factor or `min_improvement` out of range; when
            training begins, for a learning rate that is not a number, or a `state_dir` that
            cannot be written or does not hold the state to go on from; after an epoch, for logs
            without the monitored value.

    Example:

    >>> import numpy as np
    >>> model, ids = kerasrnn.language_model(11, units=5), np.array([[7, 8, 9, 2]])
    >>> loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> model.compile(keras.optimizers.SGD(0.1), loss, weighted_metrics=[metrics.Perplexity()])
    >>> halving = kerasrnn.callbacks.LearningRateHalving(verbose=0)
    >>> options = {"validation_data": (ids, ids), "epochs": 2, "verbose": 0}
    >>> history = model.fit(ids, ids, callbacks=[halving], **options)
    >>> [epoch["decision"] for epoch in halving.history]
    ['first epoch', 'improved']
    """

    state_class: ClassVar[Any] = HalvingState
    initial_memory: ClassVar[Mapping[str, Any]] = {"halving": False, "previous": math.inf}

    def __init__(
        self,
        monitor: str = "val_perplexity",
        state_dir: str | os.PathLike[str] | None = None,
        factor: float = 0.5,
        min_improvement: float = 1.003,
        verbose: int = 1,
    ):
        super().__init__(monitor, state_dir, factor, min_improvement, verbose)

    @property
    def gain_in_words(self) -> str:
        """What the gain is and what hangs on it, for people."""
        least = 100 * (1 - 1 / self.min_improvement)
        return (
            f"by how much {self.gain_of} has fallen since the epoch before; less than "
            f"{least:.2g}% starts the halving of the learning rate"
        )

    def decide(self, state: HalvingState, nll: float) -> Decision:
        worse = nll == math.inf or nll > state.previous
        failure = nll * self.min_improvement > state.previous or nll >= state.previous
        stopped = failure and state.halving
        return Decision(
            words=state.in_words(worse, failure),
            accepted=not worse,
            restored=worse,
            halved=(failure or state.halving) and not stopped,
            stopped=stopped,
            memory={"halving": failure or state.halving, "previous": nll},
        )

    def compared_with(self, state: HalvingState) -> float | None:
        return state.history[-1]["value"] if state.history else None

    def gain_over(self, state: HalvingState, nll: float, decision: Decision) -> float | None:
        if decision.restored or not state.previous < math.inf:
            return None
        return (state.previous - nll) / (abs(state.previous) or 1.0)
