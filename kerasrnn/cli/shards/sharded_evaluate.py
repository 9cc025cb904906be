"""`kerasrnn evaluate --shard` and `--merge`: counts of shares of the data, and their sum."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.cli.shards.shard_folder import ShardFolder, run_digest
from kerasrnn.cli.shards.sharded_predict import Share
from kerasrnn.files import Shard
from kerasrnn.options import Options
from kerasrnn.tasks import scored_part

__all__ = ["Scored", "evaluate_shard", "merged", "read_scored"]


@dataclasses.dataclass(frozen=True)
class Scored:
    """What is scored.

    Attributes:
        names: The data set or the files.
        part: The split; `None` for all of a file.
        said: Both in words.
        examples: What `Task.evaluate` takes.
        data_dir: Folder of prepared data sets, if not that of the run.
    """

    names: list[str]
    part: str | None
    said: str
    examples: Any
    data_dir: str | None

    @property
    def shown(self) -> dict[str, Any]:
        """What the figures are printed with."""
        return {"data": ", ".join(self.names), "split": self.part or "all", "said": self.said}


def read_scored(
    task: Any,
    run: str,
    recorded: Options,
    paths: Sequence[str],
    split: str | None,
    data_dir: str | None,
    **form: str | None,
) -> Scored:
    """Reads the examples of one or several files, or of a data set.

    Args:
        task: The task.
        run: Its folder.
        recorded: Its options.
        paths: What the user named; nothing for the data of the training.
        split: The split that was named, if any.
        data_dir: Folder of prepared data sets, if not that of the run.
        **form: How it is read: `features` and `encoding`.

    Raises:
        UserError: Where some files are scored as a whole and of others a split, or for several
            files of one series.
    """
    found = [
        scored_part(recorded, path, split, task.origin, run, data_dir) for path in paths or [None]
    ]
    parts = {part for _, part, _ in found}
    if len(parts) > 1:
        own = next(said for _, part, said in found if part is not None)
        raise UserError(f"Expected files of which all rows are scored. Received: {own}")
    names, part = [name for name, _, _ in found], parts.pop()
    said = found[0][2]
    if len(found) > 1:
        what = "all" if part is None else f"the {part} split"
        said = f"{what} of {len(names):,} files, {names[0]} to {names[-1]}"
    examples = [task.read(name, part, data_dir, **form) for name in names]
    if len(examples) > 1 and not hasattr(examples[0], "concatenate"):
        raise UserError(f"Expected one file, of one series. Received: {len(examples)} files")
    joined = examples[0]
    for each in examples[1:]:
        joined = joined.concatenate(each)
    return Scored(names, part, said, joined, data_dir)


def evaluate_shard(
    task: Any, run: str, recorded: Options, scored: Scored, share: Share, options: Mapping[str, Any]
) -> None:
    """Counts what there is to count of a share of the examples; not again where that is done.

    Args:
        task: The task.
        run: Its folder.
        recorded: Its options.
        scored: What is scored.
        share: The shard and its folder.
        options: All that the answers depend on, for the record.

    Raises:
        UserError: Where the folder is of other data, another run or other options.
    """
    shard, folder = share
    check_pieces(task)
    data = _digests(recorded, scored.names, scored.data_dir)
    job = {"of": shard.of, "run": run_digest(run), "data": data}
    job["options"] = {**options, "part": scored.part}
    (number,) = folder.begin(job, lambda: [task.number_of(scored.examples)], **scored.shown)
    piece = task.evaluated_at_once
    rows = shard.rows(number, piece)
    lines = -(-len(rows) // piece)
    if not folder.is_done(shard, lines):
        folder.write(shard, lines, task.tallies(scored.examples, rows=rows))
    if not folder.missing():
        print(
            f"All {shard.of:,} shards are there: kerasrnn evaluate {run} --merge {folder.folder}",
            file=sys.stderr,
        )


def check_pieces(task: Any) -> None:
    """Raises a `UserError` for a task that cannot evaluate some examples without the others."""
    if not hasattr(task, "tallies"):
        raise UserError(f"Expected a task that evaluates in pieces. Received: {task.name!r}")
    task.check_pieces()


def _digests(recorded: Options, names: Sequence[str], data_dir: str | None) -> list[str]:
    """Returns digests of data; those of the training may be read of all files that it names."""
    from kerasrnn.datasets import source_digest

    own = recorded.sources()
    sources = [*names, *(own if set(names) & set(own) else [])]
    files = [all(map(os.path.isfile, name.split(","))) or os.path.isfile(name) for name in sources]
    # Of prepared data sets the times of files do not count, which other machines have too.
    return [
        source_digest(name, data_dir, record=not file)
        for name, file in zip(sources, files, strict=True)
    ]


def merged(folder: ShardFolder, task: Any, run: str) -> tuple[dict[str, Any], list[Any]]:
    """Reads what all shards have counted.

    Args:
        folder: Their folder.
        task: The task.
        run: Its folder.

    Returns:
        What the figures are printed with, and the tallies in the order of the examples: those that
        one process counts, so that `figures_of` gives the same figures to the last digit.

    Raises:
        UserError: Where a shard is missing, or is of another run.
    """
    check_pieces(task)
    job = folder.job()
    if job["run"] != run_digest(run):
        raise UserError(f"Expected shards of {run}. Received: {folder.folder}, of another run")
    missing = folder.missing()
    if missing:
        first = ", ".join(f"{number}/{job['of']}" for number in missing[:10])
        more = f" and {len(missing) - 10:,} more" * (len(missing) > 10)
        raise UserError(f"Expected all {job['of']:,} shards. Received: none of {first}{more}")
    return job["shown"], list(_tallies(folder, job, task.evaluated_at_once))


def _tallies(folder: ShardFolder, job: Mapping[str, Any], piece: int) -> Iterator[Any]:
    for i in range(1, job["of"] + 1):
        shard = Shard(i, job["of"])
        rows = shard.rows(job["rows"][0], piece)
        yield from folder.records(shard, -(-len(rows) // piece))
