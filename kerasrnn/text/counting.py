"""Counting the tokens of texts of any size in bounded memory."""

from __future__ import annotations

import collections
import heapq
import itertools
import pathlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import Self

__all__ = ["TokenCounter", "count_tokens"]

# Distinct tokens that are held at once, of about 150 bytes each.
HELD = 2_000_000


def count_tokens(
    batches: Iterable[Iterable[bytes]],
    min_count: int = 1,
    max_number: int | None = None,
    held: int = HELD,
) -> dict[str, int]:
    """Counts tokens; however many there are, the counts are exact.

    Where there are more distinct tokens than `held`, their counts so far are sorted and written
    to a temporary file, and all these files are merged in the end.

    Args:
        batches: The tokens, UTF-8, batch by batch.
        min_count: Tokens that occur less often are left out.
        max_number: Maximum number of tokens to return, the most frequent ones; of equally
            frequent ones the first in the order of their code points.
        held: Maximum number of distinct tokens in memory, but for those of one batch.

    Returns:
        How often each token occurs.

    Example:

    >>> count_tokens([[b"the", b"cat"], [b"the", b"end"]], max_number=2)
    {'the': 2, 'cat': 1}
    """
    with TokenCounter(held) as counter:
        for batch in batches:
            counter.add(batch)
        return counter.counts(min_count, max_number)


class TokenCounter:
    """Counts the tokens that it is given, batch by batch, as `count_tokens` does.

    It is a context manager: its temporary files are gone when the context ends.

    Args:
        held: As there.

    Example:

    >>> with TokenCounter() as counter:
    ...     counter.add([b"the", b"end"])
    ...     counter.counts()
    {'the': 1, 'end': 1}
    """

    def __init__(self, held: int = HELD):
        self._held = held
        self._counts: collections.Counter[bytes] = collections.Counter()
        self._files: list[pathlib.Path] = []
        self._folder: tempfile.TemporaryDirectory | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, batch: Iterable[bytes]) -> None:
        """Counts the tokens of a batch."""
        self._counts.update(batch)
        if len(self._counts) <= self._held:
            return
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(
                prefix="kerasrnn-", ignore_cleanup_errors=True
            )
        self._files.append(pathlib.Path(self._folder.name) / str(len(self._files)))
        _write(self._counts, self._files[-1])
        self._counts.clear()

    def counts(self, min_count: int = 1, max_number: int | None = None) -> dict[str, int]:
        """Returns how often each token occurs; arguments as those of `count_tokens`."""
        total: Iterable[tuple[bytes, int]] = self._counts.items()
        if self._files:
            total = _merged([*map(_read, self._files), iter(sorted(self._counts.items()))])
        kept: Iterable = (item for item in total if item[0] and item[1] >= min_count)
        # The order of UTF-8 is that of the code points.
        if max_number is not None:
            kept = heapq.nsmallest(max_number, kept, key=lambda item: (-item[1], item[0]))
        return {token.decode("utf-8"): count for token, count in kept}


def _write(counts: collections.Counter, path: pathlib.Path) -> None:
    """Writes sorted tokens: size and count of each on a line, then the token, whatever it holds."""
    with open(path, "wb") as file:
        for token, count in sorted(counts.items()):
            file.write(b"%d %d\n%s" % (len(token), count, token))


def _read(path: pathlib.Path) -> Iterator[tuple[bytes, int]]:
    with open(path, "rb") as file:
        while line := file.readline():
            size, count = map(int, line.split())
            yield file.read(size), count


def _merged(sources: list[Iterator[tuple[bytes, int]]]) -> Iterator[tuple[bytes, int]]:
    merged = heapq.merge(*sources, key=lambda item: item[0])
    for token, same in itertools.groupby(merged, key=lambda item: item[0]):
        yield token, sum(count for _, count in same)
