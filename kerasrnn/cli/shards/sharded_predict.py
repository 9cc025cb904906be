"""`kerasrnn predict --shard`: a share of the rows of all files, answered into a file of its own."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.cli.shards.shard_folder import ShardFolder, run_digest
from kerasrnn.files import PIECE_ROWS, Shard, file_digest

__all__ = ["Share", "check_shared", "given_shard", "inputs_of", "predict_shard", "progress"]

Share = tuple[Shard, ShardFolder]


def given_shard(shard: str | None, output: str | None, results: str) -> Share | None:
    """Checks the options of a shard before anything is loaded.

    Args:
        shard: What was given for `--shard`, if anything.
        output: What was given for `--output`, if anything.
        results: What is written.

    Returns:
        The shard and its folder; `None` without `--shard`.

    Raises:
        UserError: For no shard, no folder, or a folder of something else.
    """
    if shard is None:
        return None
    found = Shard.parse(shard)
    if output is None:
        raise UserError(f"Expected --output with a folder for --shard {shard}. Received: none")
    folder = ShardFolder(output, results)
    folder.check()
    return found, folder


def check_shared(paths: Sequence[str]) -> None:
    """Raises a `UserError` for what cannot be read twice: standard input, and pipes."""
    pipe = next((path for path in paths or ["standard input"] if not os.path.isfile(path)), None)
    if pipe is not None:
        raise UserError(f"Expected files for --shard. Received: {pipe}")


def inputs_of(
    task: Any,
    paths: Sequence[str],
    form: Mapping[str, Any],
    rows: range | None = None,
    counts: Sequence[int] = (),
) -> Iterator[Any]:
    """Reads the inputs of files, one file behind another.

    Args:
        task: The task.
        paths: The files.
        form: How they are read: `features` and `encoding`.
        rows: Which inputs of all, from 0; all by default.
        counts: How many each file has; only for `rows`. Files without any of these stay closed.
    """
    if rows is None:
        for path in paths:
            yield from task.file_inputs(path, **form)
        return
    begin = 0
    for path, number in zip(paths, counts, strict=True):
        first, end = max(rows.start - begin, 0), min(rows.stop - begin, number)
        if first < end:
            yield from itertools.islice(task.file_inputs(path, **form), first, end)
        begin += number


def predict_shard(
    task: Any,
    run: str,
    paths: Sequence[str],
    share: Share,
    form: Mapping[str, Any],
    options: Mapping[str, Any],
    probabilities: bool,
) -> None:
    """Answers a share of the rows; not again where that is done.

    Args:
        task: The task.
        run: Its folder.
        paths: The files.
        share: The shard and its folder.
        form: As in `inputs_of`.
        options: All that the answers depend on, for the record.
        probabilities: As in `Task.records`.

    Raises:
        UserError: Where the folder is of other files, another run or other options.
    """
    shard, folder = share
    data = [file_digest(path) for path in paths]
    job = {"of": shard.of, "run": run_digest(run), "data": data, "options": options}

    def count() -> list[int]:
        return [sum(1 for _ in task.file_inputs(path, **form)) for path in paths]

    counts = folder.begin(job, count, files=list(paths))
    rows = shard.rows(sum(counts))
    if not folder.is_done(shard, len(rows)):
        inputs = inputs_of(task, paths, form, rows, counts)
        found = (
            task.records(some, probabilities=probabilities)
            for some in iter(lambda: list(itertools.islice(inputs, PIECE_ROWS)), [])
        )
        records = progress(itertools.chain.from_iterable(found))
        folder.write(shard, len(rows), records)
    if not folder.missing():
        print(
            f"All {shard.of:,} shards are there: cat {folder.folder}/{folder.results}-*.jsonl",
            file=sys.stderr,
        )


def progress(records: Iterable[Any]) -> Iterable:
    """Shows on a terminal how many answers there are."""
    from tqdm import tqdm

    return tqdm(records, "answers", unit="", file=sys.stderr, disable=None, leave=False)
