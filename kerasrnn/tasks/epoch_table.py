"""What is seen of a training while it runs: a row for each epoch, and a bar within it."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
from tqdm import tqdm

from kerasrnn.files import number_text
from kerasrnn.optimizers.inner import inner_optimizer
from kerasrnn.tasks.printing import WIDTH, print_wrapped

__all__ = ["EpochBar", "EpochTable", "epoch_callbacks"]

GAP = 2
NARROWEST = 7  # of a figure, such as 0.01234
DECIDED_NOTHING = ("first epoch", "improved")


def epoch_callbacks(halving: Any, steps: int, epochs: int) -> list[Any]:
    """Returns the callbacks that show a training, to stand behind that of the halving rule.

    Args:
        halving: The callback of the rule.
        steps: Batches of an epoch.
        epochs: Maximum number of epochs.
    """
    table = EpochTable(halving, epochs)
    # The bar goes before the row is written, on its line.
    return [EpochBar(steps, epochs), table] if sys.stderr.isatty() else [table]


class EpochTable(keras.callbacks.Callback):
    """Prints a row for each epoch, with the figures of training and validation side by side.

    A row takes at most 80 columns: figures of the training for which there is no room are left out,
    the last ones first. Below a row stands what the halving rule decides, where it does.

    Args:
        halving: The callback of the rule, which stands before this one.
        epochs: Maximum number of epochs.
    """

    def __init__(self, halving: Any, epochs: int):
        super().__init__()
        self._halving = halving
        self._epochs = epochs
        self._names: list[str] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        if not self._names:
            self._begin(logs)
        seconds = time.perf_counter() - self._began
        gain, rate = self._halving.gain, float(logs["learning_rate"])
        cells = [f"{epoch + 1}/{self._epochs}", *(_figure(logs[name]) for name in self._names)]
        cells += ["" if gain is None else f"{gain:.2%}", f"{rate:.4g}", _time(seconds)]
        print(_row(cells, self._widths), flush=True)
        decision = self._halving.history[-1]["decision"] if self._halving.history else ""
        if decision and decision not in DECIDED_NOTHING:
            print_wrapped(f"  {self._halving.monitor}: {decision}", "    ")

    def _begin(self, logs: Mapping[str, Any]) -> None:
        """Chooses the columns, says what the gain is, and prints the heading."""
        halving = self._halving
        self._names, self._widths, heading = columns(list(logs), halving.monitor, self._epochs)
        print_wrapped(f"gain: {halving.gain_in_words}")
        said = average_text(inner_optimizer(self.model.optimizer), self.params["steps"])
        if said:
            print_wrapped(said)
        for line in heading:
            print(line, flush=True)


def average_text(optimizer: keras.optimizers.Optimizer, steps: int) -> str:
    """Says how far back the average of the weights goes that is validated, if there is one.

    Args:
        optimizer: That of the training.
        steps: Batches of an epoch.

    Example:

    >>> average_text(keras.optimizers.SGD(use_ema=True, ema_momentum=0.998), 126)
    'val: of the average of the weights over about 4 epochs, which is what is saved'
    """
    if not optimizer.use_ema:
        return ""
    momentum = optimizer.get_config()["ema_momentum"]  # at the end, without the correction
    epochs = number_text(1 / (1 - momentum) / steps, 2)
    unit = "epoch" if epochs == "1" else "epochs"
    return f"val: of the average of the weights over about {epochs} {unit}, which is what is saved"


def columns(
    logged: Sequence[str], monitor: str, epochs: int
) -> tuple[list[str], list[int], list[str]]:
    """Chooses what a row of 80 columns shows.

    Args:
        logged: The entries of the logs.
        monitor: The one that the halving rule compares, which has its place.
        epochs: Maximum number of epochs.

    Returns:
        The entries that are shown, the width of each column, and the two lines of the heading.

    Example:

    >>> names, _, heading = columns(["loss", "mae", "val_loss", "val_mae"], "val_loss", 10)
    >>> names
    ['loss', 'mae', 'val_loss', 'val_mae']
    """
    # The loss says no more than the figure that is compared, where that is another one.
    is_loss = monitor.removeprefix("val_") == "loss"
    hidden = {"learning_rate"} | (set() if is_loss else {"loss", "val_loss"})
    names = [name for name in logged if name not in hidden]
    trained = [name for name in names if not name.startswith("val_")]
    shown = trained + [name for name in names if name.startswith("val_")]
    while True:
        headings = [("", "epoch"), *map(_in_two, shown), ("", "gain"), ("learning", "rate")]
        widths = [max(map(len, each)) for each in headings]
        widths = [2 * len(str(epochs)) + 1, *(max(NARROWEST, each) for each in widths[1:])]
        widths = [max(widths[0], len("epoch")), *widths[1:], len("1000 s")]
        if sum(widths) + GAP * (len(widths) - 1) <= WIDTH or not shown:
            break
        shown.remove(trained.pop() if trained else next(n for n in shown[::-1] if n != monitor))
    lines = zip(*headings, ("", "time"), strict=True)
    return shown, widths, [_row(list(line), widths) for line in lines]


def _in_two(name: str) -> tuple[str, str]:
    """Cuts a name into two lines of a heading, as narrow as can be."""
    words = name.split("_")
    cuts = ((" ".join(words[:i]), " ".join(words[i:])) for i in range(len(words)))
    return min(cuts, key=lambda cut: max(map(len, cut)))


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    pairs: Iterator[Any] = itertools.zip_longest(cells, widths, fillvalue=0)
    return (" " * GAP).join(cell.rjust(width) for cell, width in pairs).rstrip()


def _figure(value) -> str:
    value = float(value)
    return f"{value:.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.4g}"


def _time(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} m"


class EpochBar(keras.callbacks.Callback):
    """Shows on one line of a terminal how far an epoch has come.

    Args:
        steps: Batches of an epoch.
        epochs: Maximum number of epochs.
    """

    def __init__(self, steps: int, epochs: int):
        super().__init__()
        self._steps, self._epochs = steps, epochs
        self._bar: Any = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._close()
        self._bar = tqdm(
            total=self._steps,
            desc=f"epoch {epoch + 1}/{self._epochs}",
            unit=" batches",
            leave=False,
            ncols=WIDTH - 1,
            file=sys.stderr,
        )

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._bar.update()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self._bar is not None:
            self._bar.set_description("validation")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._close()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
