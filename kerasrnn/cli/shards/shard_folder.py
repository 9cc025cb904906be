"""The folder that the shards of a prediction or an evaluation write into, each its own file."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kerasrnn.checks import DamagedError, UserError
from kerasrnn.cli.answer_tables import write_table
from kerasrnn.files import (
    MODEL,
    Shard,
    content_digest,
    file_digest,
    json_text,
    one_at_a_time,
    read_config,
    read_sealed,
    write_sealed,
)

__all__ = ["ShardFolder", "run_digest"]

JOB = "shards.json"
# What the shards of a folder have in common, and how it is called.
SAME = {
    "results": "results",
    "of": "number of shards",
    "run": "run",
    "data": "data",
    "options": "options",
}


class ShardFolder:
    """A folder of shards of one job.

    `shards.json` says of which: what is written, how many shards there are, and digests of the run,
    of the data and of the options. A shard has a file, which takes its name when it is whole; so a
    file that is there is done, and whatever a process was killed at is done again.

    Args:
        folder: The folder, which need not be there yet.
        results: What is written, such as `"predictions"`.
    """

    def __init__(self, folder: str | os.PathLike[str], results: str):
        self.folder = pathlib.Path(folder)
        self.results = results

    def check(self) -> None:
        """Raises a `UserError` for a folder that holds something else, or cannot be written."""
        if self.folder.exists() and not self.folder.is_dir():
            raise UserError(f"Expected a folder for --output. Received: {self.folder}, a file")
        above = (self.folder, *self.folder.absolute().parents)
        there = next(path for path in above if path.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise UserError(f"Expected a folder that can be written. Received: {self.folder}")
        if self.folder.is_dir() and not (self.folder / JOB).is_file():
            other = [each.name for each in self.folder.iterdir() if not each.name.startswith(".")]
            if other:
                raise UserError(
                    "Expected a new folder for --output, or that of the other shards. "
                    f"Received: {self.folder}, which holds {min(other)}"
                )

    def begin(
        self, job: Mapping[str, Any], counts: Callable[[], list[int]], **shown: Any
    ) -> list[int]:
        """Writes down which job this is, or compares it with that of the shards before.

        Args:
            job: By the names of `SAME` what has to be the same; digests for what is large.
            counts: Counts the rows of each part of the data, where no shard has done it yet.
            **shown: What else is recorded, and not compared.

        Returns:
            The numbers of rows.

        Raises:
            UserError: Where the folder is of another job.
        """
        job = json.loads(json_text({"results": self.results, **job}))
        if (self.folder / JOB).is_file():
            return self._same(job)["rows"]
        rows = counts()
        with one_at_a_time(self.folder / ".shards.lock"):
            if not (self.folder / JOB).is_file():  # nor has another shard begun meanwhile
                self.check()
                write_sealed(self.folder / JOB, {**job, "rows": rows, "shown": shown})
            return self._same(job)["rows"]

    def job(self) -> dict[str, Any]:
        """Reads what `begin` wrote down.

        Raises:
            UserError: Where there is nothing, or it is of other results.
        """
        if not (self.folder / JOB).is_file():
            raise UserError(
                f"Expected a folder of shards, with a {JOB}. Received: {str(self.folder)!r}"
            )
        return self._same({"results": self.results})

    def _same(self, job: Mapping[str, Any]) -> dict[str, Any]:
        found = read_sealed(self.folder / JOB)
        for name, value in job.items():
            if found.get(name) != value:
                raise UserError(
                    f"Expected a folder of the same {SAME[name]}. "
                    f"Received: {self.folder}, which was begun with other ones"
                )
        return found

    def path(self, shard: Shard) -> pathlib.Path:
        """Returns the file of a shard."""
        return self.folder / shard.file_name(self.results)

    def records(self, shard: Shard, number: int) -> Iterator[Any]:
        """Reads the results of a shard.

        Args:
            shard: The shard.
            number: How many there have to be.

        Raises:
            DamagedError: Where there are more or less, or a line is no JSON.
        """
        path, count = self.path(shard), 0
        again = "without it the shard is done again"
        try:
            with open(path, encoding="utf-8") as file:
                for line in file:
                    yield json.loads(line)
                    count += 1
        except (OSError, ValueError) as error:
            reason = f"Received: {error} ({again})"
            raise DamagedError(f"Expected {path} as it was written. {reason}") from None
        if count != number:
            raise DamagedError(
                f"Expected {path} as it was written, with {number:,} lines. "
                f"Received: {count:,} ({again})"
            )

    def is_done(self, shard: Shard, number: int) -> bool:
        """Whether a shard is done, which then is said.

        Args:
            shard: The shard.
            number: How many results it has.
        """
        path = self.path(shard)
        if not path.is_file():
            return False
        for _ in self.records(shard, number):
            pass
        print(f"{path} is there already: nothing is done.", file=sys.stderr)
        return True

    def write(self, shard: Shard, number: int, records: Iterable[dict[str, Any]]) -> None:
        """Writes the results of a shard, unless another process has or does so meanwhile.

        Args:
            shard: The shard.
            number: How many results it has.
            records: They, made as they are written.

        Raises:
            UserError: Where the data have changed since they were counted.
        """
        path = self.path(shard)
        with self._alone(shard):
            if self.is_done(shard, number):
                return
            write_table(os.fspath(path), _counted(records, number))
        print(f"{path} holds shard {shard}.", file=sys.stderr)

    @contextlib.contextmanager
    def _alone(self, shard: Shard) -> Iterator[None]:
        """Keeps others from the same shard; what one that was killed has left half-written goes."""
        path = self.path(shard)

        def waits() -> None:
            print(f"Another process writes {path}: waiting for it.", file=sys.stderr)

        with one_at_a_time(path.with_name(f".{path.stem}.lock"), waits):
            half = re.compile(rf"\.\d+-{re.escape(path.name)}")
            for each in self.folder.iterdir():
                if half.fullmatch(each.name):
                    each.unlink()
            yield

    def missing(self) -> list[int]:
        """Returns the numbers of the shards whose files are not there."""
        of = self.job()["of"]
        return [i for i in range(1, of + 1) if not self.path(Shard(i, of)).is_file()]


def run_digest(run: str | os.PathLike[str]) -> str:
    """Returns a digest of what a run answers with: its settings, vocabularies and weights."""
    parts = {
        "config": content_digest(read_config(run)),
        "model": file_digest(pathlib.Path(run, MODEL)),
    }
    return content_digest(parts)


def _counted(records: Iterable[dict[str, Any]], number: int) -> Iterator[dict[str, Any]]:
    count = 0
    for record in records:
        yield record
        count += 1
    if count != number:
        raise UserError(f"Expected {number:,} rows, as were counted. Received: {count:,}")
