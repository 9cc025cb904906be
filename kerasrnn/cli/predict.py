"""`kerasrnn predict`: answers to lines, or to the rows of a file that training reads."""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from cyclopts import Parameter

from kerasrnn.checks import UserError
from kerasrnn.cli.answer_tables import check_table, write_table
from kerasrnn.cli.one_line import one_line
from kerasrnn.cli.quiet import quiet_stderr, say
from kerasrnn.cli.searching import AS_THE_RUN, SearchParameter, searching
from kerasrnn.files import check_file, check_run, decoded_lines, json_text, unpacked

__all__ = ["predict"]

AT_ONCE = 1024


def predict(
    run: str,
    file: Annotated[str, Parameter(allow_leading_hyphen=True)] = "-",
    /,
    *,
    output: str | None = None,
    probabilities: bool = False,
    nbest: bool = False,
    features: str | None = None,
    encoding: str = "utf-8",
    search: SearchParameter = AS_THE_RUN,
) -> None:
    """Predict with a trained run: a row in, an answer out.

    Args:
        run: Folder of the run.
        file: A file that training could read, with or without the column to predict, gzipped or
            not; of any other file each line is an input. - reads lines from standard input.
        output: New .csv or .jsonl file for the inputs, their answers and the confidence in them; a
            tagger's .csv has a row for each token.
        probabilities: Give the probabilities of all classes; without --output as JSON.
        nbest: Print for each input a JSON list of the five best answers with their natural
            log-probabilities and scores.
        features: Columns of the file to read, such as text=body; as in the training by default.
        encoding: Encoding of the file, such as latin-1 or cp949.
    """
    if output is not None:
        check_table("--output", output)
        if nbest:
            raise UserError("Expected --nbest or --output. Received: both")
    several = 2 if check_run(run).get("task") == "translate" else 1
    if file != "-":
        _check_input(file, several)
    say(f"Loading {run}")
    with quiet_stderr():
        from kerasrnn.datasets import notes_to
        from kerasrnn.tasks import load
    task = searching(load(run), search)
    if nbest and not hasattr(task, "nbest"):
        raise UserError(f"Expected a run that writes texts for --nbest. Received: {task.name!r}")
    task.records([], probabilities=probabilities)  # are there any?
    if file == "-":
        batches = map(task.parse_lines, _batches(_standard_input(encoding), at_once=True))
    else:
        path = file if pathlib.Path(file).exists() else file.split(",")[0].strip()
        batches = _batches(task.file_inputs(path, features=features, encoding=encoding))
    with notes_to(sys.stderr):
        if output is not None:
            found = (task.records(inputs, probabilities=probabilities) for inputs in batches)
            records = itertools.chain.from_iterable(found)
            number = write_table(output, _progress(records), unit=task.unit, steps=task.steps)
            print(f"{output} holds the answers to {number:,} inputs.", file=sys.stderr)
            return
        for inputs in batches:
            for line in _lines(task, inputs, probabilities, nbest):
                print(line, flush=sys.stdout.isatty())


def _lines(task, inputs: list[Any], probabilities: bool, nbest: bool) -> Iterator[str]:
    if probabilities:
        return map(json_text, task.records(inputs, probabilities=True))
    if nbest:
        answers = ([dataclasses.asdict(each) for each in some] for some in task.nbest(inputs))
        return map(json_text, answers)
    return map(one_line, task.answers(inputs))


def _check_input(file: str, several: int) -> None:
    """Refuses what is no file, or more of them with commas than the training takes."""
    parts = [file] if pathlib.Path(file).exists() else file.split(",")
    for part in map(str.strip, parts if len(parts) <= several else [file]):
        check_file(part)


def _standard_input(encoding: str) -> Iterator[str]:
    file: Any = sys.stdin.buffer  # a buffered reader, whatever its type says
    lines = decoded_lines(unpacked(file), "standard input", encoding)
    return (line.removesuffix("\n").removesuffix("\r") for line in lines)


def _batches(inputs: Iterable[Any], *, at_once: bool = False) -> Iterator[list]:
    """Takes inputs together; from a terminal each is answered at once."""
    inputs, size = iter(inputs), 1 if at_once and sys.stdin.isatty() else AT_ONCE
    while some := list(itertools.islice(inputs, size)):
        yield some


def _progress(records: Iterable[Any]) -> Iterable:
    from tqdm import tqdm

    return tqdm(records, "answers", unit="", file=sys.stderr, disable=None, leave=False)
