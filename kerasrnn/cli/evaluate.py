"""`kerasrnn evaluate`: the metrics of a run, its wrong answers, and a report of each class."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from kerasrnn.checks import UserError
from kerasrnn.cli.answer_tables import check_table, write_table
from kerasrnn.cli.columns import figure
from kerasrnn.cli.quiet import quiet_stderr, say
from kerasrnn.cli.searching import AS_THE_RUN, SearchParameter, searching
from kerasrnn.cli.shards.shard_folder import ShardFolder
from kerasrnn.cli.shards.sharded_predict import given_shard
from kerasrnn.files import check_data, check_recorded, check_run, given_files, json_text
from kerasrnn.options import Options
from kerasrnn.tasks.registry import recorded_options

__all__ = ["evaluate"]

RESULTS = "evaluation"
COLUMNS = ("precision", "recall", "f1", "support")
SHARES = (*COLUMNS[:-1], "average_precision", "threshold")


def evaluate(
    run: str,
    /,
    *files: str,
    data: str | None = None,
    split: Literal["train", "validation", "test"] | None = None,
    data_dir: str | None = None,
    features: str | None = None,
    encoding: str | None = None,
    report: bool = False,
    errors: str | None = None,
    output: str | None = None,
    shard: str | None = None,
    merge: str | None = None,
    search: SearchParameter = AS_THE_RUN,
) -> None:
    """Evaluate a trained run; the last line of the output is one JSON object.

    Args:
        run: Folder of the run.
        files: Files to score together, in the order of their names, instead of --data; a pattern
            in quotes, such as 'part-*.jsonl.gz', means all files that match.
        data: Data set or file; that of the training by default. All rows of a file are scored; of
            the training file only those that were held out for test.
        split: Split of the data. By default the test split of a data set, of a folder or of the
            training file, and all rows of any other file.
        data_dir: Folder of prepared tensorflow-datasets; that of the training by default.
        features: Features or columns to read, such as text=body; as in the training by default.
        encoding: Encoding of a file; that of the training by default.
        report: Also print precision, recall, F1 and support of each class or entity type; of
            numbers the errors of each target, and by what was predicted.
        errors: New .csv or .jsonl file for the wrong answers: input, target, answer and its
            probability, the most probable first; of numbers all, the largest errors first.
        output: With --shard the folder of all shards, for what each of them counts.
        shard: I/N, such as 3/16: score the I-th of N shares of the examples, I from 1 to N, in
            pieces of 1,024, into a file of its own in the folder --output. One that is there
            already is not done again.
        merge: The folder of all shards of this run: print what one process that scores all of
            their examples prints.
    """
    if errors is not None:
        check_table("--errors", errors)
    form = {"data_dir": data_dir, "features": features, "encoding": encoding}
    named = [*files, *([] if data is None else [data])]
    given = {"files": named, **form, "split": split, "output": output, "shard": shard}
    _check_together(files, data, output, shard, {"errors": errors, "report": report})
    if merge is not None:
        _check_alone({**given, "errors": errors, "search": search != AS_THE_RUN})
        return _print_merged(run, merge, report)
    share = given_shard(shard, output, RESULTS)
    recorded = recorded_options(check_run(run)) or Options()
    named = given_files(named)
    for each in named:
        check_data(each)
    if not named:
        check_recorded(run, recorded.sources())
    more = f" and {len(named) - 1:,} more" * (len(named) > 1)
    say(f"Evaluating {run} on {', '.join((named or recorded.sources())[:1])}{more}")
    with quiet_stderr():
        from kerasrnn.cli.shards.sharded_evaluate import evaluate_shard, read_scored
        from kerasrnn.datasets import notes_to
        from kerasrnn.tasks import load
    task = searching(load(run), search)
    _check_kind(task, report, errors)
    with notes_to(sys.stderr):
        scored = read_scored(task, run, recorded, named, split, **form)
        if share is not None:
            options = {"features": features, "encoding": encoding}
            options |= {"search": dataclasses.asdict(search)}
            return evaluate_shard(task, run, recorded, scored, share, options)
    figures = task.evaluate(scored.examples)
    _print_scored(scored.shown, figures)
    if errors is not None:
        number = write_table(errors, task.mistakes(scored.examples))
        print(f"{errors} holds {task.mistakes_in_words}: {number:,}.")
    if report:
        figures["report"] = task.report(scored.examples)
        print_report(figures["report"])
    _print_figures(scored.shown, figures)


def _check_together(
    files: Sequence[str],
    data: str | None,
    output: str | None,
    shard: str | None,
    others: Mapping[str, Any],
) -> None:
    """Refuses options of which one makes no sense beside, or without, another."""
    if files and data is not None:
        raise UserError(f"Expected files or --data. Received: {files[0]!r} and --data {data!r}")
    if output is not None and shard is None:
        raise UserError(f"Expected --shard for --output. Received: --output {output!r} alone")
    for name, value in others.items():
        if value and shard is not None:
            raise UserError(f"Expected --shard or --{name}. Received: both")


def _check_alone(given: Mapping[str, Any]) -> None:
    """Refuses what an evaluation that is done already cannot take into account."""
    for name, value in given.items():
        if value:
            option = {"files": "files", "search": "options of the search"}.get(name)
            option = option or f"--{name.replace('_', '-')}"
            raise UserError(f"Expected --merge alone, or with --report. Received: {option} too")


def _check_kind(task: Any, report: bool, errors: str | None) -> None:
    """Refuses what a task has not whose answers are neither right nor wrong."""
    for option, method, wanted in (
        ("--errors", "mistakes", errors),
        ("--report", "report", report),
    ):
        if wanted and not hasattr(task, method):
            raise UserError(
                f"Expected a run whose answers are right or wrong for {option}. "
                f"Received: {task.name!r}"
            )


def _print_merged(run: str, merge: str, report: bool) -> None:
    check_run(run)
    folder = ShardFolder(merge, RESULTS)
    folder.job()
    say(f"Loading {run}")
    with quiet_stderr():
        from kerasrnn.cli.shards.sharded_evaluate import merged
        from kerasrnn.tasks import load
    task: Any = load(run)
    _check_kind(task, report, None)
    shown, tallies = merged(folder, task, run)
    figures = task.figures_of(tallies)
    _print_scored(shown, figures)
    if report:
        figures["report"] = task.report_of(tallies)
        print_report(figures["report"])
    _print_figures(shown, figures)


def _print_scored(shown: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
    number = f", {figures['examples']:,} examples" * ("examples" in figures)
    print(f"Scored: {shown['said']}{number}")


def _print_figures(shown: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
    print(json_text({"data": shown["data"], "split": shown["split"], **figures}))


def print_report(report: Mapping[str, Mapping[str, float]]) -> None:
    """Prints a table of the classes, or of whatever else has a row of figures."""
    names = list(dict.fromkeys(name for row in report.values() for name in row)) or list(COLUMNS)
    names.sort(key=lambda name: name == COLUMNS[-1])  # how many there are comes last
    width = max((len(label) for label in report), default=0)
    print(" ".join(["".ljust(width), *(name.replace("_", " ").rjust(9) for name in names)]))
    for label, row in report.items():
        cells = [_cell(name, row.get(name)).rjust(max(9, len(name))) for name in names]
        print(" ".join([label.ljust(width), *cells]).rstrip())


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return ""
    if name == COLUMNS[-1]:
        return f"{value:,}"
    return f"{value:.4f}" if name in SHARES else figure(value)
