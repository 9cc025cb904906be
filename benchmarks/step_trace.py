"""What the operations of a few training steps took, from a trace of TensorFlow's profiler."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import pathlib
import re
from collections.abc import Iterator

import keras
import tensorflow as tf

# What the parts of a step are called in a table, in its order.
PARTS = (
    "loops forward",
    "other layers forward",
    "loss and metrics",
    "loops backward",
    "other layers backward",
    "optimizer",
    "input",
)
OPTIMIZER = re.compile(r"^[a-z_]*(adam|sgd)(_\d+)?/")
CALL = "StatefulPartitionedCall/"
STEP = "EagerLocalExecute: __inference_multi_step_on_iterator"


@dataclasses.dataclass
class StepTrace:
    """Milliseconds and operations of a step, by part and by kind of operation.

    `whole` is the time from its call to its end, with what the profiler itself takes; `gap` the
    least one to the next call: callbacks, and the figures that come back from TensorFlow.
    """

    whole: float
    gap: float
    milliseconds: dict[str, float]
    operations: dict[str, float]
    kinds: list[tuple[str, float, float]]


class TraceSteps(keras.callbacks.Callback):
    """Runs the profiler over a few batches of the first epoch.

    Args:
        folder: Where the trace goes.
        first: The first of these batches, from 0.
        number: How many they are.
    """

    def __init__(self, folder: pathlib.Path, first: int, number: int):
        super().__init__()
        self._folder, self._first, self._last = folder, first, first + number - 1

    def on_train_batch_begin(self, batch, logs=None):
        if batch == self._first:
            # The operations that TensorFlow takes for cheap are on level 3.
            options = tf.profiler.experimental.ProfilerOptions(3, 0, 0)
            tf.profiler.experimental.start(str(self._folder), options)

    def on_train_batch_end(self, batch, logs=None):
        if batch == self._last:
            tf.profiler.experimental.stop()


def read_trace(folder: pathlib.Path, steps: int, models: set[str]) -> StepTrace:
    """Reads what the profiler wrote.

    Args:
        folder: Where it wrote.
        steps: The number of steps.
        models: The names of the models that were trained, which their operations begin with.

    Returns:
        The means of a step.
    """
    time, count = collections.Counter(), collections.Counter()
    calls = []
    kind_time, kind_count = collections.Counter(), collections.Counter()
    for path, kind, begin, milliseconds in _operations(folder):
        if kind == STEP:
            calls.append((begin, begin + milliseconds))
            continue
        part = _part(path, kind, models)
        time[part] += milliseconds / steps
        count[part] += 1 / steps
        kind_time[kind] += milliseconds / steps
        kind_count[kind] += 1 / steps
    kinds = [(kind, value, kind_count[kind]) for kind, value in kind_time.most_common(12)]
    calls.sort()
    whole = sum(end - begin for begin, end in calls) / steps
    gap = min(after[0] - before[1] for before, after in itertools.pairwise(calls))
    return StepTrace(whole, gap, dict(time), dict(count), kinds)


def _operations(folder: pathlib.Path) -> Iterator[tuple[str, str, float, float]]:
    """Gives path, kind, beginning and milliseconds of each operation that ran."""
    # It comes with TensorFlow, which imports it nowhere by itself.
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    (file,) = folder.glob("**/*.xplane.pb")
    space = xplane_pb2.XSpace.FromString(file.read_bytes())
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                name = plane.event_metadata[event.metadata_id].name
                times = event.offset_ps / 1e9, event.duration_ps / 1e9
                for mark in ("PrefetchProduce", STEP):
                    if name.startswith(mark):
                        yield "", mark, *times
                path, colon, kind = name.rpartition(":")
                if colon and re.fullmatch(r"_?[A-Z][A-Za-z0-9]*", kind) and "::" not in name:
                    yield path.removeprefix(CALL), kind, *times


def _part(path: str, kind: str, models: set[str]) -> str:
    if kind == "PrefetchProduce":
        return "input"
    if OPTIMIZER.match(path):
        return "optimizer"
    direction = "backward" if path.startswith("gradient_tape/") else "forward"
    first = path.removeprefix("gradient_tape/").split("/")[0]
    if re.sub(r"_\d+$", "", first) in models or first in models:
        return f"loops {direction}" if "/while" in path else f"other layers {direction}"
    # Losses have a scope, metrics have none, and neither do sums of gradients.
    return "other layers backward" if path.startswith("AddN") else "loss and metrics"
