"""`kerasrnn predict`: answers to lines, or to the rows of a file that training reads."""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

from cyclopts import Parameter

from kerasrnn.checks import UserError
from kerasrnn.cli.answer_tables import check_table, write_table
from kerasrnn.cli.one_line import one_line
from kerasrnn.cli.quiet import quiet_stderr, say
from kerasrnn.cli.searching import AS_THE_RUN, SearchParameter, searching
from kerasrnn.cli.shards.sharded_predict import (
    check_shared,
    given_shard,
    inputs_of,
    predict_shard,
    progress,
)
from kerasrnn.files import (
    PIECE_ROWS,
    check_file,
    check_run,
    decoded_lines,
    given_files,
    json_text,
    unpacked,
)

__all__ = ["predict"]


def predict(
    run: str,
    /,
    *files: Annotated[str, Parameter(allow_leading_hyphen=True)],
    output: str | None = None,
    shard: str | None = None,
    probabilities: bool = False,
    nbest: bool = False,
    features: str | None = None,
    encoding: str = "utf-8",
    search: SearchParameter = AS_THE_RUN,
) -> None:
    """Predict with a trained run: a row in, an answer out.

    Args:
        run: Folder of the run.
        files: Files that training could read, with or without the column to predict, gzipped or
            not; of any other file each line is an input. A folder of images or a GIF is a video for
            a run of frames. A pattern in quotes, such as
            'part-*.jsonl.gz', means all files that match; they are read in the order of their
            names. - reads lines from standard input, and so do no files.
        output: New .csv or .jsonl file for the inputs, their answers and the confidence in them; a
            tagger's .csv has a row for each token. With --shard a folder, of all shards.
        shard: I/N, such as 3/16: answer the I-th of N shares of the rows of all files, I from 1 to
            N, in pieces of 1,024 rows, into a .jsonl file of its own. One that is there already is
            not done again; cat FOLDER/predictions-* puts all of them together.
        probabilities: Give the probabilities of all classes; without --output as JSON.
        nbest: Print for each input a JSON list of the five best answers with their natural
            log-probabilities and scores.
        features: Columns of the file to read, such as text=body; as in the training by default.
        encoding: Encoding of the file, such as latin-1 or cp949.
    """
    if output is not None and nbest:
        raise UserError("Expected --nbest or --output. Received: both")
    share = given_shard(shard, output, "predictions")
    if output is not None and share is None:
        check_table("--output", output)
    kind = check_run(run).get("task")
    several = 2 if kind == "translate" else 1
    paths = _checked_files(files, several, folders=kind == "frames")
    if share is not None:
        check_shared(paths)
    say(f"Loading {run}")
    with quiet_stderr():
        from kerasrnn.datasets import notes_to
        from kerasrnn.tasks import load
    task = searching(load(run), search)
    if nbest and not hasattr(task, "nbest"):
        raise UserError(f"Expected a run that writes texts for --nbest. Received: {task.name!r}")
    task.records([], probabilities=probabilities)  # are there any?
    form = {"features": features, "encoding": encoding}
    if not paths:
        batches = map(task.parse_lines, _batches(_standard_input(encoding), at_once=True))
    else:
        batches = _batches(inputs_of(task, paths, form))
    with notes_to(sys.stderr):
        if share is not None:
            options = {**form, "probabilities": probabilities, "search": dataclasses.asdict(search)}
            predict_shard(task, run, paths, share, form, options, probabilities)
            return
        if output is not None:
            found = (task.records(inputs, probabilities=probabilities) for inputs in batches)
            records = itertools.chain.from_iterable(found)
            number = write_table(output, progress(records), unit=task.unit, steps=task.steps)
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


def _checked_files(words: Sequence[str], several: int, *, folders: bool = False) -> list[str]:
    """Returns the files to read, none for standard input; refuses what is no file.

    A folder, where that will do, is an input of its own: the images of a video.

    Of files with a comma between them, as many as the training takes, the first one is read.
    """
    if not words or tuple(words) == ("-",):
        return []
    found = []
    for file in given_files(words):
        if folders and pathlib.Path(file).is_dir():
            found.append(file)
            continue
        parts = [file] if pathlib.Path(file).exists() else file.split(",")
        parts = [part.strip() for part in (parts if len(parts) <= several else [file])]
        for part in parts:
            check_file(part)
        found.append(parts[0])
    return found


def _standard_input(encoding: str) -> Iterator[str]:
    file: Any = sys.stdin.buffer  # a buffered reader, whatever its type says
    lines = decoded_lines(unpacked(file), "standard input", encoding)
    return (line.removesuffix("\n").removesuffix("\r") for line in lines)


def _batches(inputs: Iterable[Any], *, at_once: bool = False) -> Iterator[list]:
    """Takes inputs together; from a terminal each is answered at once."""
    inputs, size = iter(inputs), 1 if at_once and sys.stdin.isatty() else PIECE_ROWS
    while some := list(itertools.islice(inputs, size)):
        yield some
