"""Rows of a table that have no label, and texts without a word."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from kerasrnn.checks import check_choice
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.files import WHITE_SPACE, is_blank, wrong_line
from kerasrnn.options.words import BadRows, words

__all__ = ["BAD_ROWS", "checked_rows"]

BAD_ROWS = words(BadRows)
# What programs write where they have no value.
MISSING = ("", "nan", "NaN", "None", "null", "NULL", "<NA>")
# What SNLI and MultiNLI write of a pair whose annotators did not agree.
WITHOUT_GOLD = "-"
# What becomes of texts without a word.
EMPTY: dict[str, str] = {
    **dict.fromkeys(("text", "source", "first", "second"), "one unknown token"),
    "target": "an empty answer",
}


def checked_rows(
    path: object,
    rows: Iterator[tuple[int, tuple[str, ...]]],
    roles: Sequence[str],
    bad_rows: BadRows = "refuse",
) -> Iterator[tuple[str, ...]]:
    """Yields the rows of a table, labels without white space around them.

    A label is missing where its cell is empty or holds what programs write for no value, one of
    `MISSING`; of a pair of texts also where it holds a dash. At the end `note` says how many rows
    were left out and how many texts are empty.

    Args:
        path: The file, for messages.
        rows: The number of the line and the cells of each row.
        roles: The roles of the columns.
        bad_rows: What is done with a row whose label is missing: `"refuse"`, `"skip"`, or
            `"keep"`, by which each label is what its cell holds, blanks included.

    Raises:
        UserError: For a label that is missing, whose line is named; for another `bad_rows`.
    """
    check_choice("bad_rows", bad_rows, BAD_ROWS)
    label = roles.index("label") if "label" in roles and bad_rows != "keep" else None
    texts = [(i, _Lines(role)) for i, role in enumerate(roles) if role in EMPTY]
    missing = (*MISSING, WITHOUT_GOLD) if "second" in roles else MISSING
    total, skipped = 0, _Lines("label")
    for number, row in rows:
        total += 1
        if label is not None:
            name = row[label].strip(WHITE_SPACE)
            if name in missing:
                if bad_rows == "refuse":
                    hint = "`bad_rows` skip leaves such rows out, keep takes them for a class"
                    raise wrong_line(path, number, "a label", f"{row[label]!r} ({hint})")
                skipped.add(number)
                continue
            row = (*row[:label], name, *row[label + 1 :])
        for i, lines in texts:
            if is_blank(row[i]):
                lines.add(number)
        yield row
    if skipped.number:
        note(f"{path}: skipped {skipped.of(total)} whose label is missing")
    for _, lines in texts:
        if lines.number:
            read = f"whose {lines.role} is empty: read as {EMPTY[lines.role]}"
            note(f"{path}: {lines.of(total)} {read}")


@dataclasses.dataclass
class _Lines:
    """How many lines are counted, and the first of them."""

    role: str
    number: int = 0
    first: int = 0

    def add(self, line: int) -> None:
        self.first = self.first or line
        self.number += 1

    def of(self, total: int) -> str:
        return f"{self.number:,} of {total:,} rows, the first in line {self.first},"
