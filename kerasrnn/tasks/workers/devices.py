"""Where a training computes, and what this process has to do with it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import os
import pathlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.files import CONFIG, LOCK
from kerasrnn.options.words import Strategy
from kerasrnn.tasks.states.run_state import RunState

__all__ = ["ONE_DEVICE", "Devices"]


@dataclasses.dataclass(frozen=True)
class Devices:
    """The strategy of a training, of TensorFlow's, and in how many parts a batch is computed.

    Attributes:
        strategy: `"mirrored"`, `"multi-worker"`, or `None` for this process and its first device.
        accumulate: In how many parts each replica computes its rows, one after the other.
    """

    strategy: Strategy | None = None
    accumulate: int = 1

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run."""
        if self.strategy != "multi-worker":
            return True
        from kerasrnn.distribute import is_chief

        return is_chief()

    @property
    def replicas(self) -> int:
        """How many devices compute a batch together."""
        with self.scope() as made:
            return 1 if made is None else made.num_replicas_in_sync

    @property
    def parts(self) -> int:
        """Into how many parts a batch is cut."""
        return self.replicas * self.accumulate

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """The context in which a model is built, loaded and compiled."""
        if self.strategy is None:
            return contextlib.nullcontext()
        from kerasrnn.distribute import scope

        return scope(self.strategy)

    def check(self, size: int | None, carries_states: bool) -> None:
        """Raises a `ValueError` for a batch that cannot be cut.

        Args:
            size: The rows of a batch; `None` where the data will say.
            carries_states: Whether states of rows go from batch to batch.
        """
        if self.parts == 1 or size is None:
            return
        if carries_states and self.accumulate > 1:
            raise UserError(
                "Expected `accumulate` of 1 for a model whose states go from batch to batch. "
                f"Received: {self.accumulate}"
            )
        if size < self.parts or (carries_states and size % self.parts):
            rows = "a multiple of" if carries_states else "at least"
            raise UserError(
                f"Expected `batch_size` as {rows} {self.parts}, the number of devices times "
                f"`accumulate`. Received: {size}"
            )

    def fit(self, model: keras.Model) -> Callable[..., Any]:
        """Returns what fits a model, with the arguments of its `fit`."""
        if self.strategy is None and self.accumulate == 1:
            return functools.partial(model.fit, shuffle=False)  # the stream is shuffled already
        from kerasrnn.distribute import fit

        return functools.partial(fit, model, accumulate=self.accumulate)

    def evaluate(self, model: keras.Model) -> Callable[..., Any]:
        """Returns what evaluates a model, with the arguments of its `evaluate`."""
        if self.strategy is None:
            return functools.partial(model.evaluate, verbose=0)
        from kerasrnn.distribute import evaluate

        return functools.partial(evaluate, model)

    def saves_within(self, carries_states: bool) -> bool:
        """Tells whether an epoch can be saved: not where each device has states of its rows."""
        return self.strategy is None or not carries_states

    def check_state(self, state: RunState | None, carries_states: bool) -> None:
        """Raises a `ValueError` for a state within an epoch that is that of one device."""
        if state is not None and state.batches and not self.saves_within(carries_states):
            raise UserError(
                "Expected a run that was saved at the end of an epoch, to go on with a strategy. "
                f"Received: {state.path}; without one it goes on from there"
            )

    def agreed(self, says: bool) -> bool:
        """Tells whether any worker says so; all of them ask at the same place."""
        if self.strategy != "multi-worker":
            return says
        from kerasrnn.distribute import agreed

        return agreed(says)

    def values(self, variables: Sequence[keras.Variable]) -> list[np.ndarray]:
        """Reads variables, those of metrics summed up over all devices; all workers have to."""
        if self.strategy is None:
            return [np.asarray(each) for each in variables]
        from kerasrnn.distribute import values_of

        return values_of(variables)

    @contextlib.contextmanager
    def folder(self, output: str | os.PathLike[str], resume: bool) -> Iterator[pathlib.Path]:
        """Gives the folder that this process writes: that of the run, or one of its own.

        All workers do the same, so that none waits for what another one does alone; but what
        the others write goes with them. They read the run that is there before the chief goes on.

        Args:
            output: The folder of the run, which all workers see.
            resume: Whether a run that is there goes on.
        """
        with self.scope() as made:  # which may have to come before anything else is computed
            pass
        if self.strategy != "multi-worker":
            yield pathlib.Path(output)
            return
        from kerasrnn.distribute import lost_workers

        with tempfile.TemporaryDirectory(prefix="kerasrnn-worker-") as place, lost_workers(made):
            own = pathlib.Path(output) if self.is_chief else pathlib.Path(place) / "run"
            if not self.is_chief and resume and (pathlib.Path(output) / CONFIG).is_file():
                shutil.copytree(output, own, ignore=shutil.ignore_patterns(".*", LOCK))
            self.agreed(False)  # once all have read, the chief may write
            yield own

    def voice(self) -> contextlib.AbstractContextManager[Any]:
        """The context in which only the chief is heard: the others would say the same."""
        if self.is_chief:
            return contextlib.nullcontext()
        print(
            "This worker computes its rows; the first one says and writes what comes of it.",
            flush=True,
        )
        return contextlib.redirect_stdout(io.StringIO())


ONE_DEVICE = Devices()
