"""A share of the rows of all data: shard 3 of 16."""

from __future__ import annotations

import dataclasses
import re

from kerasrnn.checks import UserError

__all__ = ["PIECE_ROWS", "Shard"]

# Rows that are answered together: like lengths share a batch within them.
PIECE_ROWS = 1024
MOST = 99_999
FORM = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")


@dataclasses.dataclass(frozen=True)
class Shard:
    """One of N shares of rows, each of them a range.

    A share is a range, and not each N-th row, so that the answers of all, one behind another, are
    those of one process: `cat` puts them together. It begins and ends between pieces of 1,024 rows,
    since the last digit of a probability can depend on what else is in its batch; so the batches of
    all shares are those of one process too. For it the rows are counted first, which takes a small
    part of the time that answers take.

    Args:
        number: Which one, from 1.
        of: How many there are.

    Example:

    >>> Shard.parse("2/3").rows(5000), Shard.parse("3/3").rows(5000)
    (range(1024, 3072), range(3072, 5000))
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Reads `I/N`.

        Args:
            text: Such as `"3/16"`.

        Raises:
            UserError: For something else, or where I is not from 1 to N.
        """
        found = FORM.fullmatch(text.strip())
        number, of = map(int, found.groups()) if found else (0, 0)
        if not 1 <= number <= of <= MOST:
            raise UserError(
                f"Expected I/N for --shard, I from 1 to N, N at most {MOST:,}, such as 3/16. "
                f"Received: {text!r}"
            )
        return cls(number, of)

    def rows(self, number: int, piece: int = PIECE_ROWS) -> range:
        """Returns which rows are its own, from 0; none where there are less pieces than shards.

        Args:
            number: How many rows there are in all.
            piece: How many of them are answered together.
        """
        pieces = -(-number // piece)
        first, end = (pieces * i // self.of for i in (self.number - 1, self.number))
        return range(min(first * piece, number), min(end * piece, number))

    def file_name(self, what: str) -> str:
        """Returns the name of the file of its results.

        Args:
            what: What they are.

        Example:

        >>> Shard(3, 16).file_name("predictions")
        'predictions-00003-of-00016.jsonl'
        """
        return f"{what}-{self.number:05d}-of-{self.of:05d}.jsonl"

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"
