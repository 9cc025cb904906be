"""What the rules share that halve a learning rate: state, snapshots, resuming, and what is said."""

from __future__ import annotations

import abc
import math
import os
import textwrap
from collections.abc import Mapping
from typing import Any, ClassVar, cast

import keras

from kerasrnn.callbacks.decision import Decision
from kerasrnn.callbacks.halving_stores import (
    INITIAL,
    Captured,
    DirectoryStore,
    MemoryStore,
    Store,
    capture,
    put_back,
)
from kerasrnn.callbacks.rule_state import RuleState
from kerasrnn.checks import UserError, check_number

__all__ = ["HalvingRule"]


class HalvingRule(keras.callbacks.Callback, abc.ABC):
    """Decides after each epoch, by its validation, on the weights and on the learning rate.

    A rule says what it remembers of an epoch, by its class of states, and decides. The rest is
    here: weights and optimizer variables are put back from a snapshot, the rate is changed, and
    all of it survives a restart. `LearningRateHalving` tells how a run is stored and goes on.

    Args:
        monitor: The entry of the logs to compare. A name that contains "perplexity" is taken for a
            perplexity, whose logarithm is the negative log-likelihood (nll); any other, such as
            "val_loss", for an nll itself.
        state_dir: The folder of state and snapshots; `None` keeps them in memory.
        factor: What the rate is multiplied by, between 0 and 1.
        min_improvement: Earlier nll / nll of the smallest gain that will do, at least 1.
        verbose: 1 prints one line after each epoch, 0 none.

    Attributes:
        history: A dictionary for each epoch: "epoch" (from 0), "value" (as monitored),
            "learning_rate" (used in that epoch), "decision" (in words), "restored" and "halved".
        gain: The fraction by which the nll of the last epoch is below the one it is compared
            with; `None` where there is none.
        gain_of: What has this gain, in words, such as "log val_perplexity".
        goes_on_within: Whether the first epoch of a fit is one that was begun before: where it is
            epoch 0, the snapshot of the initial weights is there, in `state_dir`.

    Raises:
        ValueError: From the constructor, for an argument out of range; when training begins, for a
            learning rate that is not a number, or a `state_dir` that cannot be written or does
            not hold the state to go on from; after an epoch, for logs without the monitored value.
    """

    # The class of the states, and what the rule's own fields are before the first epoch.
    state_class: ClassVar[Any]
    initial_memory: ClassVar[Mapping[str, Any]]

    def __init__(
        self,
        monitor: str,
        state_dir: str | os.PathLike[str] | None,
        factor: float,
        min_improvement: float,
        verbose: int,
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
        self._store: Store = (
            MemoryStore() if state_dir is None else DirectoryStore(state_dir, self.state_class)
        )
        self.goes_on_within: bool = False
        self._state: RuleState | None = None
        self._untouched: Captured | None = None

    @property
    @abc.abstractmethod
    def gain_in_words(self) -> str:
        """What the gain is and what hangs on it, for people."""

    @abc.abstractmethod
    def decide(self, state: Any, nll: float) -> Decision:
        """Decides after an epoch.

        Args:
            state: The state of the epoch before.
            nll: The negative log-likelihood of the epoch, `inf` where it is not finite.
        """

    @abc.abstractmethod
    def compared_with(self, state: Any) -> float | None:
        """Returns the value that the epoch after a state is compared with; `None` for the first."""

    @abc.abstractmethod
    def gain_over(self, state: Any, nll: float, decision: Decision) -> float | None:
        """Returns the gain of the epoch after a state."""

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
        before = cast(RuleState, self._state)  # `on_epoch_begin` made it
        self._state = after = self._apply(before, epoch, float(logs[self.monitor]))
        self.history = after.history
        logs["learning_rate"] = self.history[-1]["learning_rate"]
        self._store.save_state(after)
        self._report(before, after)
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
        if not self.goes_on_within:
            self._store.clear()
            self._store.save_snapshot(self.model, INITIAL)
        self._state = state = self.state_class(
            epoch=epoch - 1,
            learning_rate=self._learning_rate(),
            stopped=False,
            snapshot=INITIAL,
            history=[],
            **self.initial_memory,
        )
        self.history = state.history

    def _go_on_from(self, state: RuleState) -> None:
        self._state = state
        self.history = state.history
        self.model.optimizer.learning_rate = state.learning_rate

    def _apply(self, state: RuleState, epoch: int, value: float) -> RuleState:
        """Applies the rule to the value of an epoch, and puts weights and rate where they go."""
        rate = self._learning_rate()
        nll = self._negative_log_likelihood(value)
        decision = self.decide(state, nll)
        self.gain = self.gain_over(state, nll, decision)
        snapshot = f"snapshot_{epoch}.weights.h5" if decision.accepted else state.snapshot
        if decision.accepted:
            self._store.save_snapshot(self.model, snapshot)
        if decision.restored:
            self._store.load_snapshot(self.model, snapshot)
        self.model.optimizer.learning_rate = rate * self.factor if decision.halved else rate
        record = {
            "epoch": epoch,
            "value": value,
            "learning_rate": rate,
            "decision": decision.words,
            "restored": decision.restored,
            "halved": decision.halved,
        }
        return self.state_class(
            epoch=epoch,
            learning_rate=self._learning_rate(),
            stopped=decision.stopped,
            snapshot=snapshot,
            history=[*state.history, record],
            **decision.memory,
        )

    def _learning_rate(self) -> float:
        return float(self.model.optimizer.learning_rate.numpy())

    def _is_perplexity(self) -> bool:
        return "perplexity" in self.monitor.lower()

    def _negative_log_likelihood(self, value: float) -> float:
        if self._is_perplexity():
            value = math.log(value) if value > 0 else math.nan
        return value if math.isfinite(value) else math.inf

    def _report(self, before: RuleState, after: RuleState) -> None:
        record = after.history[-1]
        earlier = self.compared_with(before)
        values = [f"{value:.6g}" for value in (earlier, record["value"]) if value is not None]
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
