"""Where a training of each embedded recipe spends its time: the phases, and the parts of a step.

    python benchmarks/profile_recipes.py [NAME …]

Each recipe trains for one epoch of at most 100 batches, and validates and tests on a part of its
data, in a process of its own. Time is that of the processor, all threads together, so that other
processes on the machine do not count; on one core (`taskset -c 0`) it is what a quiet one takes.
It writes `profile.md` beside itself; `--output` names another file.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

HERE = pathlib.Path(__file__)
RECIPES = ("dates", "languages", "python_tokens", "digits", "moving_digits", "python_docs")
BATCHES, VALIDATION, TEST = 100, 20, 256  # batches, batches, raw examples
TRACED, FIRST_TRACED = 5, 40
PHASES = (
    "imports",
    "data read",
    "vocabulary, model, encoding",
    "compile, advice",
    "first batch",
    "other batches",
    "first validation batch",
    "other validation batches",
    "saving",
    "test split",
    "pictures",
)


NOTE = f"""# Where the first minute goes

`make profile` writes these tables: a training of each embedded recipe of {BATCHES} batches, with
{VALIDATION} batches of validation and {TEST} examples of test, in seconds of the processor on one
core. A step is the mean of {TRACED} batches that TensorFlow's profiler watched, which takes time
itself, between operations above all; the median of the other batches, of other lengths, stands
below it."""


class Phases:
    """Adds up the processor time between marks."""

    def __init__(self):
        self.seconds: dict[str, float] = dict.fromkeys(PHASES, 0.0)
        self._last = 0.0

    def end(self, phase: str) -> None:
        """Counts the time since the last mark for a phase."""
        now = time.process_time()
        self.seconds[phase] += now - self._last
        self._last = now


def mark_batches(phases: Phases) -> Any:
    """Makes the callback that stands first: it ends the phases of a fit, and times its batches."""
    import keras

    class MarkBatches(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.times: list[float] = []

        def on_train_begin(self, logs=None):
            phases.end("compile, advice")

        def on_train_batch_end(self, batch, logs=None):
            phases.end("other batches" if batch else "first batch")
            self.times.append(time.process_time())

        def on_test_begin(self, logs=None):
            phases.end("other batches")

        def on_test_batch_end(self, batch, logs=None):
            phases.end("other validation batches" if batch else "first validation batch")

        def on_train_end(self, logs=None):
            phases.end("saving")

        def batch_milliseconds(self) -> float:
            """The median of the batches that no profiler watched, the first ones left out."""
            traced = range(FIRST_TRACED - 1, FIRST_TRACED + TRACED + 2)
            pairs = list(enumerate(zip(self.times[:-1], self.times[1:], strict=True)))
            taken = [end - begin for i, (begin, end) in pairs if i > 4 and i not in traced]
            return 1000 * statistics.median(taken)

    return MarkBatches()


def profile(name: str) -> dict[str, Any]:
    """Trains a recipe in this process, and returns what it took."""
    import yaml

    from kerasrnn.cli.recipes import list_recipes
    from kerasrnn.tasks.registry import registered

    phases = Phases()
    recipe = next(each for each in list_recipes() if each.name == name)
    content = yaml.safe_load(recipe.path.read_text(encoding="utf-8"))
    entry = registered()[recipe.task]
    options = entry.options(**{**content, "epochs": 1})
    job_class: Any = entry.parts().job
    from step_trace import PARTS, TraceSteps, read_trace

    class Profiled(job_class if isinstance(job_class, type) else type(job_class(options))):
        def read_splits(self):
            phases.end("imports")
            raw = super().read_splits()
            phases.end("data read")
            return raw

        def streams(self, task, raw, done):
            batches, steps, validation = super().streams(task, raw, done)
            return batches, min(steps, BATCHES), validation.take(VALIDATION)

        def compiled_model(self, task, steps_per_epoch):
            phases.end("vocabulary, model, encoding")
            self.fitted = super().compiled_model(task, steps_per_epoch)
            return self.fitted

        def callbacks(self):
            return [marks, tracing, *super().callbacks()]

        def report(self, task, test, folder):
            found = super().report(task, test.take(TEST), folder)
            phases.end("test split")
            return found

    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder, "trace")
        marks, tracing = mark_batches(phases), TraceSteps(trace, FIRST_TRACED, TRACED)
        job = Profiled(options)
        task = job.run(pathlib.Path(folder, "run"))
        phases.end("pictures")
        found = read_trace(trace, TRACED, {task.model.name, job.fitted.name})
    return {
        "phases": phases.seconds,
        "batch": marks.batch_milliseconds(),
        "whole": found.whole,
        "gap": found.gap,
        "parts": {part: found.milliseconds.get(part, 0.0) for part in PARTS},
        "operations": {part: found.operations.get(part, 0.0) for part in PARTS},
        "kinds": found.kinds,
    }


def phase_table(results: dict[str, Any]) -> list[str]:
    """The seconds of each phase, a column for each recipe, and its share."""
    lines = ["| CPU s (share) | " + " | ".join(results) + " |", "|---" * (len(results) + 1) + "|"]
    totals = {name: sum(each["phases"].values()) for name, each in results.items()}
    for phase in PHASES:
        cells = []
        for name, each in results.items():
            seconds = each["phases"][phase]
            cells.append(f"{seconds:.1f} ({seconds / totals[name]:.0%})")
        lines.append(f"| {phase} | " + " | ".join(cells) + " |")
    return [*lines, "| all | " + " | ".join(f"{each:.1f}" for each in totals.values()) + " |"]


def step_table(results: dict[str, Any]) -> list[str]:
    """The milliseconds of each part of a step, with its number of operations."""
    lines = ["| CPU ms (operations) | " + " | ".join(results) + " |"]
    lines.append("|---" * (len(results) + 1) + "|")
    for part in next(iter(results.values()))["parts"]:
        pairs = [(each["parts"][part], each["operations"][part]) for each in results.values()]
        lines.append(f"| {part} | " + " | ".join(f"{t:.1f} ({n:.0f})" for t, n in pairs) + " |")
    rest = [each["whole"] - sum(each["parts"].values()) for each in results.values()]
    lines.append("| between operations | " + " | ".join(f"{each:.1f}" for each in rest) + " |")
    for name, key in (
        ("step, watched", "whole"),
        ("Python until the next step, least", "gap"),
        ("batch, median", "batch"),
    ):
        lines.append(f"| {name} | " + " | ".join(f"{e[key]:.1f}" for e in results.values()) + " |")
    return lines


def kind_table(results: dict[str, Any]) -> list[str]:
    """The kinds of operations that take longest in a step of each recipe."""
    lines = ["| recipe | operations of a step that take longest: ms × number |", "|---|---|"]
    for name, each in results.items():
        kinds = ", ".join(f"{kind} {t:.2f} × {n:.0f}" for kind, t, n in each["kinds"][:8])
        lines.append(f"| {name} | {kinds} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="of all recipes by default")
    parser.add_argument("--one", action="store_true", help="the name alone, in this process")
    parser.add_argument("--output", type=pathlib.Path, default=HERE.with_name("profile.md"))
    sizes = parser.parse_args()
    unknown = sorted(set(sizes.names) - set(RECIPES))
    if unknown:
        raise SystemExit(f"Expected names of {', '.join(RECIPES)}. Received: {', '.join(unknown)}")
    if sizes.one:
        print("\n" + json.dumps(profile(sizes.names[0])))
        return
    results = {}
    for name in sizes.names or RECIPES:
        command = [sys.executable, str(HERE), name, "--one"]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        results[name] = json.loads(text.splitlines()[-1])
    tables = [phase_table(results), step_table(results), kind_table(results)]
    text = "\n\n".join("\n".join(table) for table in [[NOTE], *tables]) + "\n"
    sizes.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
