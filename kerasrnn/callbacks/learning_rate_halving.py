"""Mikolov's learning-rate schedule for language models, as a callback that survives restarts."""

import math
import textwrap

import keras

from kerasrnn.callbacks.halving_state import (
    DirectoryStore,
    HalvingState,
    MemoryStore,
    capture,
    put_back,
)
from kerasrnn.checks import UserError, check_number

__all__ = ["LearningRateHalving"]


class LearningRateHalving(keras.callbacks.Callback):
    """Halves the learning rate once validation stops improving, and then ends the training.

    The rule is that of the RNNLM toolkit. After each epoch its validation negative log-likelihood
    (nll) is compared with that of the epoch before, which need not be the best one:

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
        monitor: str, the entry of the logs to compare. A name that contains "perplexity" is taken
            for a perplexity, whose logarithm is the nll; any other, such as "val_loss", for an
            nll itself.
        state_dir: str or path object, where state and snapshots are kept; `None` for memory.
        factor: float between 0 and 1, by which the rate is multiplied.
        min_improvement: float, at least 1: previous nll / nll of the smallest gain that will do.
        verbose: int, 1 prints one line after each epoch, 0 none.

    Attributes:
        history: list of dicts, one for each epoch: "epoch" (from 0), "value" (as monitored),
            "learning_rate" (used in that epoch), "decision" (in words), "restored" and "halved"
            (bool).
        gain: float, the share by which the nll of the last epoch is below that of the epoch before;
            `None` where one of them is not finite, and where weights were put back.
        gain_of: str, what has this gain, in words, such as "log val_perplexity".

    Raises:
        ValueError: from the constructor, for a factor or min_improvement out of range; when
            training begins, for a learning rate that is not a number, a `state_dir` that cannot
            be written or does not hold the state to go on from; after an epoch, for logs without
            the monitored value.

    Example:

    ```python
    model.compile(keras.optimizers.SGD(0.1), loss=loss, weighted_metrics=[Perplexity()])
    model.fit(train, validation_data=validation, epochs=50, callbacks=[
        LearningRateHalving("val_perplexity", state_dir="run/halving"),
        keras.callbacks.BackupAndRestore("run/backup"),
    ])
    ```

    Source: Mikolov et al., "Recurrent neural network based language model", Interspeech 2010,
    section 2, and the RNNLM toolkit's training loop.
    """

    def __init__(
        self,
        monitor="val_perplexity",
        state_dir=None,
        factor=0.5,
        min_improvement=1.003,
        verbose=1,
    ):
        super().__init__()
        check_number("factor", factor, below=1, above=True)
        check_number("min_improvement", min_improvement, least=1)
        self.monitor = monitor
        self.state_dir = state_dir
        self.factor = float(factor)
        self.min_improvement = float(min_improvement)
        self.verbose = verbose
        self.history = []
        self.gain = None
        self.gain_of = f"log {monitor}" if self._is_perplexity() else monitor
        self._store = MemoryStore() if state_dir is None else DirectoryStore(state_dir)
        self._state = None
        self._untouched = None

    def stopped_after(self, epochs):
        """Tells whether the rule had ended the training by the time that `epochs` were done."""
        state = self._store.find_state(epochs - 1)
        return state is not None and state.stopped

    def on_train_begin(self, logs=None):
        """Checks the optimizer and the folder."""
        optimizer = self.model.optimizer
        if not isinstance(optimizer.learning_rate, keras.Variable):
            inner = getattr(optimizer, "inner_optimizer", optimizer)
            raise UserError(
                "The optimizer's learning rate is expected to be a number, which this callback "
                "can change, not a schedule or function. "
                f"Received: learning_rate={inner.get_config().get('learning_rate')}"
            )
        self._store.prepare()
        self._state = self._untouched = None

    def on_epoch_begin(self, epoch, logs=None):
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

    def on_test_begin(self, logs=None):
        """Undoes the batch that Keras trains before it looks at `stop_training`."""
        if self._untouched is not None:
            put_back(self.model, self._untouched)

    def on_epoch_end(self, epoch, logs=None):
        """Applies the rule, stores its state and sets the learning rate of the next epoch."""
        logs = {} if logs is None else logs
        if self._untouched is not None:
            put_back(self.model, self._untouched)
            logs["learning_rate"] = self._learning_rate()
            return
        if self.monitor not in logs:
            raise UserError(
                f"The logs are expected to contain the monitored value {self.monitor!r} after "
                f"every epoch. Received: logs with {sorted(logs)}"
            )
        before, self._state = self._state, self._decide(epoch, float(logs[self.monitor]))
        self.history = self._state.history
        logs["learning_rate"] = self.history[-1]["learning_rate"]
        self._store.save_state(self._state)
        self.gain = self._gain(before, self._state)
        self._report(self._state)
        if self._state.stopped:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        """Takes over the last state where all epochs were already done before an interruption."""
        self._untouched = None
        if self._state is None:
            state = self._store.find_state((self.params or {}).get("epochs", 0) - 1)
            if state is not None:
                self._go_on_from(state)

    def _start(self, epoch):
        if epoch > 0 and self.state_dir is not None:
            raise UserError(
                f"To go on at epoch {epoch}, `state_dir` is expected to hold the state and the "
                f"snapshot of epoch {epoch - 1}. Received: state_dir={str(self.state_dir)!r}, "
                f"which has states of epochs {self._store.epochs()}"
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

    def _go_on_from(self, state):
        self._state = state
        self.history = state.history
        self.model.optimizer.learning_rate = state.learning_rate

    def _decide(self, epoch, value):
        state, rate = self._state, self._learning_rate()
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

    def _learning_rate(self):
        return float(self.model.optimizer.learning_rate.numpy())

    def _is_perplexity(self):
        return "perplexity" in self.monitor.lower()

    def _negative_log_likelihood(self, value):
        if self._is_perplexity():
            value = math.log(value) if value > 0 else math.nan
        return value if math.isfinite(value) else math.inf

    def _gain(self, before, after):
        if after.history[-1]["restored"] or not before.previous < math.inf:
            return None
        return (before.previous - after.previous) / (abs(before.previous) or 1.0)

    def _report(self, after):
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

    def _say(self, text, epoch):
        if self.verbose:
            print("\n" + textwrap.fill(f"Epoch {epoch + 1}: {text}", 80, subsequent_indent="  "))
