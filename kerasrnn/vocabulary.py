"""Vocabularies: the tokens that a model knows, and their ids."""

from __future__ import annotations

import collections
import os
import re
from collections.abc import Iterable, Mapping, Sequence

from kerasrnn.checks import UserError, check_integer
from kerasrnn.files import write_beside

__all__ = ["BEGIN", "END", "PADDING", "RESERVED", "UNKNOWN", "Vocabulary"]

PADDING, UNKNOWN, BEGIN, END = range(4)
RESERVED = ("<padding>", "<unknown>", "<begin>", "<end>")

# What would break a line or vanish in an editor; the backslash is what escapes it.
_ESCAPED = re.compile(r"[\\\x00-\x1f\x7f-\xa0\u2028\u2029]")
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")


class Vocabulary:
    """An ordered list of tokens; a token's id is its place, after the reserved ids.

    The ids 0 to 3 are reserved for padding, unknown, begin and end. They are ids only: a text
    that contains the word `<end>` never turns into the reserved id.

    Args:
        tokens: The tokens of id 4, 5, …: distinct, not empty strings.
        counts: How often each token occurred in the text that the vocabulary was built from, or
            `None` where that is not known.

    Raises:
        ValueError: For a repeated or an empty token, or counts of another length.

    Example:

    >>> vocabulary = Vocabulary.build(["the", "cat", "the", "end"], min_count=2)
    >>> len(vocabulary), vocabulary.id_of("the"), vocabulary.id_of("cat")
    (5, 4, 1)
    """

    def __init__(self, tokens: Sequence[str], counts: Sequence[int] | None = None):
        self.tokens: tuple[str, ...] = tuple(tokens)
        self.counts: tuple[int, ...] | None = (
            None if counts is None else tuple(int(count) for count in counts)
        )
        self._ids = {token: i for i, token in enumerate(self.tokens, start=len(RESERVED))}
        if "" in self._ids:
            raise UserError("Expected tokens of at least one character. Received: ''")
        if len(self._ids) != len(self.tokens):
            repeated, _ = collections.Counter(self.tokens).most_common(1)[0]
            raise UserError(f"Expected distinct tokens. Received {repeated!r} more than once")
        if self.counts is not None and len(self.counts) != len(self.tokens):
            raise UserError(
                f"Expected one count for each of {len(self.tokens)} tokens. "
                f"Received: {len(self.counts)} counts"
            )

    @classmethod
    def build(
        cls,
        tokens: Iterable[str] | Mapping[str, int],
        min_count: int = 1,
        max_size: int | None = None,
    ) -> Vocabulary:
        """Counts the tokens of a training text and keeps the frequent ones.

        Tokens that occur less often than `min_count` times merge into the unknown token, as the
        rare words of Mikolov et al. (2010), section 2.1, do.

        Args:
            tokens: All the tokens of the training split, in any order, or a mapping from each
                token to how often it occurs.
            min_count: Minimum number of occurrences that keeps a token.
            max_size: Maximum size, reserved ids included; the most frequent tokens stay.

        Returns:
            A `Vocabulary`, the most frequent token first, equally frequent ones in the order of
            their code points.

        Raises:
            ValueError: Where `min_count` is below 1 or `max_size` leaves no room for a token.
        """
        check_integer("min_count", min_count)
        if max_size is not None:  # beside the reserved ids there is room for a token
            check_integer("max_size", max_size, least=len(RESERVED) + 1)
        counter = collections.Counter(tokens)
        kept = sorted(
            ((token, count) for token, count in counter.items() if count >= min_count and token),
            key=lambda item: (-item[1], item[0]),
        )
        if max_size is not None:
            kept = kept[: max_size - len(RESERVED)]
        return cls([token for token, _ in kept], [count for _, count in kept])

    def __len__(self) -> int:
        return len(RESERVED) + len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.tokens == other.tokens

    def __hash__(self) -> int:
        return hash(self.tokens)

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self)} ids, {len(RESERVED)} of them reserved>"

    def id_of(self, token: str) -> int:
        """Returns the id of a token, `UNKNOWN` for one that is not here."""
        return self._ids.get(token, UNKNOWN)

    def token_of(self, index: int) -> str:
        """Returns the token of an id; a reserved id gives its name, such as `<unknown>`."""
        if not 0 <= index < len(self):
            raise UserError(f"Expected an id from 0 to {len(self) - 1}. Received: {index}")
        return (RESERVED + self.tokens)[index]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a text file of tokens, tabs and counts; the reserved ids come first.

        Characters that would break the file (line ends, controls, the backslash) are written as
        `\\u{hexadecimal code point}`. The file is written beside and renamed.
        """
        counts = self.counts or ("",) * len(self.tokens)
        lines = [f"{name}\t\n" for name in RESERVED]
        lines += [
            f"{_ESCAPED.sub(_escape, token)}\t{count}\n"
            for token, count in zip(self.tokens, counts, strict=True)
        ]
        text = "".join(lines)
        write_beside(path, lambda place: place.write_text(text, encoding="utf-8", newline="\n"))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Vocabulary:
        """Reads what `save` wrote.

        Raises:
            ValueError: Where the file is no vocabulary; the message names the file and the line.
        """
        with open(path, encoding="utf-8", newline="\n") as file:
            lines = file.read().split("\n")
        if lines and not lines[-1]:
            lines.pop()
        rows = [line.split("\t") for line in lines]
        if tuple(row[0] for row in rows[: len(RESERVED)]) != RESERVED:
            raise UserError(
                f"{path}, line 1: expected the reserved names {', '.join(RESERVED)} on the first "
                f"lines. Received: {[row[0] for row in rows[: len(RESERVED)]]}"
            )
        for number, row in enumerate(rows, start=1):
            if len(row) != 2 or not (row[1] == "" or row[1].isdecimal()):
                raise UserError(
                    f"{path}, line {number}: expected a token, a tab and a count. "
                    f"Received: {lines[number - 1]!r}"
                )
        rows = rows[len(RESERVED) :]
        tokens = [_ESCAPE.sub(lambda match: chr(int(match[1], 16)), row[0]) for row in rows]
        counted = all(row[1] for row in rows)
        return cls(tokens, [int(row[1]) for row in rows] if counted else None)


def _escape(match: re.Match) -> str:
    return f"\\u{{{ord(match[0]):x}}}"
