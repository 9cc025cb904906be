"""Counting the tokens of texts of any size in bounded memory."""

from __future__ import annotations

import collections
import heapq
import itertools
import pathlib
import tempfile
from collections.abc import Iterable, Iterator

__all__ = ["count_tokens"]

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
    counts: collections.Counter = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="kerasrnn-", ignore_cleanup_errors=True) as folder:
        files: list[pathlib.Path] = []
        for batch in batches:
            counts.update(batch)
            if len(counts) > held:
                files.append(pathlib.Path(folder) / str(len(files)))
                _write(counts, files[-1])
                counts.clear()
        total = counts.items()
        if files:
            total = _merged([*map(_read, files), iter(sorted(counts.items()))])
        kept = (item for item in total if item[0] and item[1] >= min_count)
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
