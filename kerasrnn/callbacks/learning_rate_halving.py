"""Mikolov's learning-rate schedule for language models, as a callback that survives restarts."""

from __future__ import annotations

import math
import os
import textwrap
from typing import Any, cast

import keras

from kerasrnn.callbacks.halving_state import HalvingState
from kerasrnn.callbacks.halving_stores import (
    Captured,
    DirectoryStore,
    MemoryStore,
    Store,
    capture,
    put_back,
)
from kerasrnn.checks import UserError, check_number

__all__ = ["LearningRateHalving"]


class LearningRateHalving(keras.callbacks.Callback):
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

    def __init__(
        self,
        monitor: str = "val_perplexity",
        state_dir: str | os.PathLike[str] | None = None,
        factor: float = 0.5,
        min_improvement: float = 1.003,
        verbose: int = 1,
    ):
        super().__init__()
        check_number("factor", factor, below=1, above=True)
        check_number("min_improvement", min_improvement, least=1)
        self.monitor = monitor
        self.state_dir = state_dir
        self.factor: float = float(factor)
        self.min_improvement: float = float(min_improvement)
        self.verbose = verbose
        self.history: list[dict[str, Any]] = []
        self.gain: float | None = None
        self.gain_of: str = f"log {monitor}" if self._is_perplexity() else monitor
        self._store: Store = MemoryStore() if state_dir is None else DirectoryStore(state_dir)
        self._state: HalvingState | None = None
        self._untouched: Captured | None = None

    @property
    def gain_in_words(self) -> str:
        """What the gain is and what hangs on it, for people."""
        least = 100 * (1 - 1 / self.min_improvement)
        return (
            f"by how much {self.gain_of} has fallen since the epoch before; less than "
            f"{least:.2g}% starts the halving of the learning rate"
        )

    def stopped_after(self, epochs: int) -> bool:
        """Tells whether the rule had ended the training by the time that `epochs` were done."""
        state = self._store.find_state(epochs - 1)
        return state is not None and state.stopped

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Checks the optimizer and the folder."""
        optimizer = self.model.optimizer
        if not isinstance(optimizer.learning_rate, keras.Variable):
            inner = getattr(optimizer, "inner_optimizer", optimizer)
            raise UserError(
                "Expected the optimizer's learning rate to be a number, which this callback can "
                "change, not a schedule or function. "
                f"Received: learning_rate={inner.get_config().get('learning_rate')}"
            )
        self._store.prepare()
        self._state = self._untouched = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """In the first epoch of a fit, starts afresh or goes on from the epoch before."""
        if self._state is not None:
            return
        optimizer = self.model.optimizer
        if not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        state = self._store.find_state(epoch - 1) if epoch > 0 else None
        if state is None:
            self._start(epoch)
            return
        self._go_on_from(state)
        if state.stopped:
            self._say(f"training had ended after epoch {state.epoch + 1}, nothing changes", epoch)
            self._untouched = capture(self.model)
            self.model.stop_training = True

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Undoes the batch that Keras trains before it looks at `stop_training`."""
        if self._untouched is not None:
            put_back(self.model, self._untouched)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Applies the rule, stores its state and sets the learning rate of the next epoch."""
        logs = {} if logs is None else logs
        if self._untouched is not None:
            put_back(self.model, self._untouched)
            logs["learning_rate"] = self._learning_rate()
            return
        if self.monitor not in logs:
            raise UserError(
                f"Expected logs with the monitored value {self.monitor!r} after every epoch. "
                f"Received: logs with {sorted(logs)}"
            )
        before = cast(HalvingState, self._state)  # `on_epoch_begin` made it
        self._state = after = self._decide(before, epoch, float(logs[self.monitor]))
        self.history = after.history
        logs["learning_rate"] = self.history[-1]["learning_rate"]
        self._store.save_state(after)
        self.gain = self._gain(before, after)
        self._report(after)
        if after.stopped:
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Takes over the last state where all epochs were already done before an interruption."""
        self._untouched = None
        if self._state is None:
            state = self._store.find_state((self.params or {}).get("epochs", 0) - 1)
            if state is not None:
                self._go_on_from(state)

    def _start(self, epoch: int) -> None:
        if epoch > 0 and self.state_dir is not None:
            raise UserError(
                f"Expected `state_dir` to hold the state and the snapshot of epoch {epoch - 1}, to "
                f"go on at epoch {epoch}. Received: state_dir={str(self.state_dir)!r}, which has "
                f"states of epochs {self._store.epochs()}"
            )
        if epoch > 0:
            self._say("no state of the epoch before in memory, the rule starts afresh", epoch)
        self._store.clear()
        name = "snapshot_initial.weights.h5"
        self._store.save_snapshot(self.model, name)
        self._state = HalvingState(
            epoch=epoch - 1,
            learning_rate=self._learning_rate(),
            halving=False,
            stopped=False,
            previous=math.inf,
            snapshot=name,
            history=[],
        )
        self.history = self._state.history

    def _go_on_from(self, state: HalvingState) -> None:
        self._state = state
        self.history = state.history
        self.model.optimizer.learning_rate = state.learning_rate

    def _decide(self, state: HalvingState, epoch: int, value: float) -> HalvingState:
        """Applies the rule to the value of an epoch, and puts weights and rate where they go."""
        rate = self._learning_rate()
        nll = self._negative_log_likelihood(value)
        worse = nll == math.inf or nll > state.previous
        failure = nll * self.min_improvement > state.previous or nll >= state.previous
        stopped = failure and state.halving
        halved = (failure or state.halving) and not stopped
        decision = state.in_words(worse, failure)
        snapshot = state.snapshot if worse else f"snapshot_{epoch}.weights.h5"
        if worse:
            self._store.load_snapshot(self.model, snapshot)
        else:
            self._store.save_snapshot(self.model, snapshot)
        self.model.optimizer.learning_rate = rate * self.factor if halved else rate
        record = {
            "epoch": epoch,
            "value": value,
            "learning_rate": rate,
            "decision": decision,
            "restored": worse,
            "halved": halved,
        }
        return HalvingState(
            epoch=epoch,
            learning_rate=self._learning_rate(),
            halving=failure or state.halving,
            stopped=stopped,
            previous=nll,
            snapshot=snapshot,
            history=[*state.history, record],
        )

    def _learning_rate(self) -> float:
        return float(self.model.optimizer.learning_rate.numpy())

    def _is_perplexity(self) -> bool:
        return "perplexity" in self.monitor.lower()

    def _negative_log_likelihood(self, value: float) -> float:
        if self._is_perplexity():
            value = math.log(value) if value > 0 else math.nan
        return value if math.isfinite(value) else math.inf

    def _gain(self, before: HalvingState, after: HalvingState) -> float | None:
        if after.history[-1]["restored"] or not before.previous < math.inf:
            return None
        return (before.previous - after.previous) / (abs(before.previous) or 1.0)

    def _report(self, after: HalvingState) -> None:
        record = after.history[-1]
        values = [f"{r['value']:.6g}" for r in after.history[-2:]]
        gain = "" if self.gain is None else f" (gain {self.gain:.2%} of {self.gain_of})"
        rates = f"{record['learning_rate']:.6g}"
        if record["halved"]:
            rates += f" -> {after.learning_rate:.6g}"
        self._say(
            f"{self.monitor} {' -> '.join(values)}{gain}: {record['decision']}, "
            f"learning rate {rates}",
            after.epoch,
        )

    def _say(self, text: str, epoch: int) -> None:
        if self.verbose:
            print("\n" + textwrap.fill(f"Epoch {epoch + 1}: {text}", 80, subsequent_indent="  "))
