"""One function for each command; its signature is the command line.

What is heavy to import is imported inside, so that `--help` and a mistyped word answer at once.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import numbers
import pathlib
import sys
from collections.abc import Iterator
from typing import Annotated, Literal

from cyclopts import Parameter

from kerasrnn.checks import UserError
from kerasrnn.cli.quiet import quiet_stderr, say
from kerasrnn.cli.search_options import SearchOptions, SearchParameter, check_search, searching
from kerasrnn.files import (
    check_data,
    check_file,
    check_run,
    decoded_lines,
    json_text,
    numbered_lines,
)

__all__ = ["evaluate", "export", "predict"]

DEFAULT = SearchOptions()


def predict(
    run: str,
    file: Annotated[str, Parameter(allow_leading_hyphen=True)] = "-",
    /,
    *,
    nbest: bool = False,
    search: SearchParameter = DEFAULT,
) -> None:
    """Predict with a trained run: a line in, a line out.

    Args:
        run: Folder of the run.
        file: Text file, - for standard input.
        nbest: Print for each input a JSON list of the five best answers with their natural
            log-probabilities and scores.
    """
    check_search(search)
    check_run(run)
    if file != "-":
        check_file(file)
    say(f"Loading {run}")
    with quiet_stderr():
        from kerasrnn.tasks import load
    task = searching(load(run), search)
    if nbest and not hasattr(task, "nbest"):
        raise UserError(f"Expected a run that writes texts for --nbest. Received: {task.name!r}")
    answers = task.nbest if nbest else task.predict
    for lines in _batches_of_lines(file):
        for answer in answers(task.parse_lines(lines)):
            if nbest:
                answer = [dataclasses.asdict(each) for each in answer]
                print(json_text(answer), flush=sys.stdout.isatty())
            else:
                print(_one_line(answer), flush=sys.stdout.isatty())


def evaluate(
    run: str,
    /,
    *,
    data: str | None = None,
    split: Literal["train", "validation", "test"] = "test",
    data_dir: str | None = None,
    search: SearchParameter = DEFAULT,
) -> None:
    """Evaluate a trained run; the last line of the output is one JSON object.

    Args:
        run: Folder of the run.
        data: Data set or file, whose features or columns are named as in the training; that of
            the training by default.
        split: Split of the data set.
        data_dir: Folder of prepared tensorflow-datasets; that of the training by default.
    """
    check_search(search)
    data = data or check_run(run).get("settings", {}).get("data")
    if data is None:
        raise UserError(f"Expected --data: {run} does not say what it was trained on")
    check_data(data)
    say(f"Evaluating {run} on {data}", everywhere=True)
    with quiet_stderr():
        from kerasrnn.tasks import load
    task = searching(load(run), search)
    examples = task.read(data, split, data_dir or task.settings.get("data_dir"))
    print(json_text({"data": data, "split": split, **task.evaluate(examples)}))


def export(run: str, directory: str, /, *, search: SearchParameter = DEFAULT) -> None:
    """Export a trained run as the next version of a SavedModel, and check it.

    Args:
        run: Folder of the run.
        directory: Folder of the versions, such as saved_models/dates.
    """
    check_search(search)
    check_run(run)
    if pathlib.Path(directory).is_file():
        raise UserError(f"Expected a folder to write to. Received: {directory}, a file")
    print(f"export: run {run}, to {directory}", flush=True)
    with quiet_stderr():
        from kerasrnn.export import run_elsewhere
        from kerasrnn.tasks import load
    task = searching(load(run), search)
    metrics = _metrics(run)
    examples = metrics.get("examples") or {}
    inputs = task.parse_lines(list(examples), run)
    folder = task.export(directory, inputs, metrics=metrics.get("test"))
    inputs = inputs or task.default_inputs()
    answers = run_elsewhere(folder, task.served_inputs(inputs), task.served_answer)
    print(f"{folder} is the new version.")
    print("Its answers in a process that imports TensorFlow alone:")
    for (line, wanted), answer in zip(examples.items(), answers, strict=bool(examples)):
        answer = _one_line(answer)
        line = " ".join(line.split("\t"))
        print(f"  {line} -> {answer}" + ("" if answer == wanted else f" (wanted: {wanted})"))


def _one_line(answer) -> str:
    """Writes an answer on one line: a text, a list of labels, padded with empty ones, numbers."""
    if isinstance(answer, str):
        return " ".join(answer.splitlines())
    if isinstance(answer, numbers.Real):
        return f"{answer:.6g}"
    return " ".join(filter(None, map(_one_line, answer)))


def _metrics(run: str) -> dict:
    """Reads what a training measured, and a few inputs with their right outputs."""
    path = pathlib.Path(run, "metrics.json")
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _batches_of_lines(file: str, size: int = 1024) -> Iterator[list[str]]:
    """Reads lines; from a terminal each is answered at once."""
    if file == "-":
        size = 1 if sys.stdin.isatty() else size
        lines = decoded_lines(sys.stdin.buffer, "standard input")
        lines = (line.rstrip("\r\n") for line in lines)
    else:
        lines = (line for _, line in numbered_lines(file))
    while some := list(itertools.islice(lines, size)):
        yield some
