"""`kerasrnn evaluate`: the metrics of a run, its wrong answers, and a report of each class."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Literal

from kerasrnn.checks import UserError
from kerasrnn.cli.answer_tables import check_table, write_table
from kerasrnn.cli.quiet import quiet_stderr, say
from kerasrnn.cli.searching import AS_THE_RUN, SearchParameter, searching
from kerasrnn.files import check_data, check_recorded, check_run, json_text
from kerasrnn.options import Options
from kerasrnn.tasks.registry import recorded_options

__all__ = ["evaluate"]

COLUMNS = ("precision", "recall", "f1", "support")


def evaluate(
    run: str,
    /,
    *,
    data: str | None = None,
    split: Literal["train", "validation", "test"] | None = None,
    data_dir: str | None = None,
    features: str | None = None,
    encoding: str | None = None,
    report: bool = False,
    errors: str | None = None,
    search: SearchParameter = AS_THE_RUN,
) -> None:
    """Evaluate a trained run; the last line of the output is one JSON object.

    Args:
        run: Folder of the run.
        data: Data set or file; that of the training by default. All rows of a file are scored; of
            the training file only those that were held out for test.
        split: Split of the data. By default the test split of a data set, of a folder or of the
            training file, and all rows of any other file.
        data_dir: Folder of prepared tensorflow-datasets; that of the training by default.
        features: Features or columns to read, such as text=body; as in the training by default.
        encoding: Encoding of a file; that of the training by default.
        report: Also print precision, recall, F1 and support of each class or entity type.
        errors: New .csv or .jsonl file for the wrong answers: input, target, answer and its
            probability, the most probable first.
    """
    if errors is not None:
        check_table("--errors", errors)
    recorded = recorded_options(check_run(run)) or Options()
    if data is None:
        check_recorded(run, recorded.sources())
    else:
        check_data(data)
    say(f"Evaluating {run} on {data or ', '.join(recorded.sources()[:1])}")
    with quiet_stderr():
        from kerasrnn.datasets import notes_to
        from kerasrnn.tasks import load, scored_part
    task = searching(load(run), search)
    for option, method in (("--errors", "mistakes"), ("--report", "report")):
        if {"mistakes": errors, "report": report}[method] and not hasattr(task, method):
            raise UserError(
                f"Expected a run whose answers are right or wrong for {option}. "
                f"Received: {task.name!r}"
            )
    named, part, said = scored_part(recorded, data, split, task.origin, run, data_dir)
    with notes_to(sys.stderr):
        examples = task.read(named, part, data_dir, features=features, encoding=encoding)
    figures = task.evaluate(examples)
    print(f"Scored: {said}" + f", {figures['examples']:,} examples" * ("examples" in figures))
    if errors is not None:
        number = write_table(errors, task.mistakes(examples))
        print(f"{errors} holds what is wrong: {number:,}.")
    if report:
        figures["report"] = task.report(examples)
        print_report(figures["report"])
    print(json_text({"data": named, "split": part or "all", **figures}))


def print_report(report: Mapping[str, Mapping[str, float]]) -> None:
    """Prints a table of the classes."""
    width = max((len(label) for label in report), default=0)
    print(" ".join(["".ljust(width), *(name.rjust(9) for name in COLUMNS)]))
    for label, scores in report.items():
        cells = [f"{scores[name]:9.4f}" for name in COLUMNS[:-1]]
        print(" ".join([label.ljust(width), *cells, f"{scores['support']:9,}"]))
