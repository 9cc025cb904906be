"""One function for each command; its signature is the command line.

What is heavy to import is imported inside, so that `--help` and a mistyped word answer at once.
"""

from __future__ import annotations

import json
import numbers
import pathlib
import sys
from collections.abc import Iterator
from typing import Annotated, Literal

from cyclopts import Parameter

from kerasrnn.cli.quiet import quiet_stderr

__all__ = ["evaluate", "export", "predict"]


def predict(run: str, file: Annotated[str, Parameter(allow_leading_hyphen=True)] = "-", /) -> None:
    """Predict with a trained run: a line in, a line out.

    Args:
        run: Folder of the run.
        file: Text file, - for standard input.
    """
    with quiet_stderr():
        from kerasrnn.tasks import load
    task = load(run)
    for lines in _batches_of_lines(file):
        for answer in task.predict(task.parse_lines(lines)):
            print(_one_line(answer), flush=sys.stdout.isatty())


def evaluate(
    run: str,
    /,
    *,
    data: str | None = None,
    split: Literal["train", "validation", "test"] = "test",
    data_dir: str | None = None,
) -> None:
    """Evaluate a trained run; the last line of the output is one JSON object.

    Args:
        run: Folder of the run.
        data: Data set or file; that of the training by default.
        split: Split of the data set.
        data_dir: Folder of prepared tensorflow-datasets; that of the training by default.
    """
    with quiet_stderr():
        from kerasrnn.tasks import load
    task = load(run)
    data = data or task.settings.get("data")
    if data is None:
        raise ValueError(f"Expected --data: {run} does not say what it was trained on")
    examples = task.read(data, split, data_dir or task.settings.get("data_dir"))
    print(json.dumps({"data": data, "split": split, **task.evaluate(examples)}))


def export(run: str, directory: str, /) -> None:
    """Export a trained run as the next version of a SavedModel, and check it.

    Args:
        run: Folder of the run.
        directory: Folder of the versions, such as saved_models/dates.
    """
    with quiet_stderr():
        from kerasrnn.export import run_elsewhere
        from kerasrnn.tasks import load
    task = load(run)
    examples = _examples(run)
    inputs = task.parse_lines(list(examples), run)
    folder = task.export(directory, inputs)
    answers = run_elsewhere(folder, task.served_inputs(inputs), task.served_answer)
    print(f"{folder} is the new version. In a process that imports only TensorFlow:")
    for (line, wanted), answer in zip(examples.items(), answers, strict=True):
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


def _examples(run: str) -> dict[str, str]:
    """Reads a few inputs and their right outputs from a run, or takes an empty text."""
    path = pathlib.Path(run, "metrics.json")
    content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return content.get("examples") or {}


def _batches_of_lines(file: str, size: int = 1024) -> Iterator[list[str]]:
    """Reads lines; from a terminal each is answered at once."""
    if file != "-" and not pathlib.Path(file).is_file():
        raise ValueError(f"Expected a text file. Received: {file!r}, which is not there")
    stream = sys.stdin.buffer if file == "-" else open(file, "rb")
    size = 1 if stream.isatty() else size
    with stream:
        lines = []
        for number, line in enumerate(stream, start=1):
            try:
                lines.append(line.decode("utf-8").rstrip("\r\n"))
            except UnicodeDecodeError as error:
                name = "standard input" if file == "-" else file
                raise ValueError(f"{name}, line {number}: expected UTF-8. {error}") from None
            if len(lines) == size:
                yield lines
                lines = []
        if lines:
            yield lines
