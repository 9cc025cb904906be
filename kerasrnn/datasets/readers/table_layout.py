"""What the columns of a user's table are: where they are separated, named and found."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Mapping, Sequence

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets.readers.column_names import find_names, label_is_first, place_of
from kerasrnn.datasets.readers.features import ROLES
from kerasrnn.datasets.readers.image_files import is_image_name
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.separated import separated_rows, separator_of
from kerasrnn.files import WHITE_SPACE

__all__ = ["COMPANIONS", "Layout", "column_numbers", "layout_of"]

# Roles that stand beside one in the tables of a training.
COMPANIONS = {
    "text": ("label", "number"),
    "source": ("target",),
    "first": ("label",),
    "image": ("label", "text"),
}
# Rows that a guess goes by, and characters of a cell.
LOOKED_AT, LETTERS = 1000, 1000
TAB, LABELLED = "\t", ("text", "label")
Places = list[list[int]]


@dataclasses.dataclass(frozen=True)
class Layout:
    """How to read some columns of a table.

    Attributes:
        separator: What stands between two cells.
        quotes: Whether cells may be quoted, see `separated_rows`.
        header: Whether the first row holds the names of the columns.
        places: For each role the places of its columns, from 0.
        width: How many columns each row has; `None` where only those that are read must be there.
        expected: What each row holds, for the error.
    """

    separator: str
    quotes: bool
    header: bool
    places: list[list[int]]
    width: int | None
    expected: str

    @property
    def least(self) -> int:
        """How many columns each row has at least."""
        return self.width or 1 + max(map(max, self.places))

    def cells(self, path: object, number: int, row: Sequence[str]) -> list[list[str]]:
        """Returns the cells of each role in a row, or raises a `UserError` that names the line."""
        if len(row) < self.least or (self.width and len(row) > self.width):
            raise UserError(
                f"{path}, line {number}: expected {self.expected}. Received: {len(row)} columns"
            )
        return [[row[place] for place in places] for places in self.places]


def column_numbers(names: Mapping[str, Sequence[str]]) -> list[list[int]] | None:
    """Returns the places of columns that are named by numbers from 1; `None` for names."""
    if not all(part.isdecimal() and int(part) for parts in names.values() for part in parts):
        return None
    return [[int(part) - 1 for part in parts] for parts in names.values()]


def layout_of(
    path: str | os.PathLike[str],
    roles: Sequence[str],
    names: Mapping[str, Sequence[str]],
    encoding: str = "utf-8",
    *,
    beside: bool = False,
) -> Layout:
    """Looks at the first rows of a table whose columns are separated.

    Args:
        path: The file, `.csv`, or with tabs.
        roles: The roles of the columns to read.
        names: What `feature_names` returned.
        encoding: That of the file.
        beside: Whether columns of other roles, see `COMPANIONS`, may be there or not, as in a file
            of texts whose labels are asked for.

    Returns:
        The layout. What was guessed is said by `note`.

    Raises:
        UserError: Where the columns are not found.
    """
    comma = form_of(path) == ".csv"
    numbers = column_numbers({role: names.get(role, [role]) for role in roles})
    separator = _separator(path, roles, names, numbers, encoding) if comma else TAB
    first = _first_rows(path, separator, encoding, quotes=comma)
    header = next(separated_rows(path, separator, encoding, quotes=comma), (1, []))[1]
    if numbers is not None:
        places = _without_others(numbers, names, roles, len(header)) if beside else numbers
        least = 1 + max(map(max, places))
        return Layout(separator, comma, False, places, None, f"at least {least} columns")
    places = _in_header(header, roles, names)
    if places and (names or comma or _is_header(header, roles, beside)):
        _say_header(path, header, roles, places, named=bool(names), usual=comma)
        expected = f"{len(header)} columns, as in the header"
        return Layout(separator, comma, True, places, len(header), expected)
    if names or (comma and not (beside and {len(row) for row in first} == {len(roles)})):
        raise _no_header(path, header, roles, names)
    return _unnamed(path, separator, first, roles, beside)


def _first_rows(path, separator: str, encoding: str, *, quotes: bool) -> list[list[str]]:
    """The first rows, of each cell no more than a guess needs: texts may be long."""
    rows = separated_rows(path, separator, encoding, quotes=quotes)
    some = itertools.islice(rows, LOOKED_AT)
    return [[cell[:LETTERS] for cell in row] for _, row in some]


def _separator(path, roles, names, numbers, encoding: str) -> str:
    def fits(row: Sequence[str]) -> bool:
        return numbers is None and _in_header(row, roles, names) is not None

    least = len(roles) if numbers is None else 1 + max(map(max, numbers))
    separator = separator_of(path, encoding, fits, least)
    if separator != ",":
        called = "tabs" if separator == TAB else separator
        note(f"{path}: {called} between the columns, not commas")
    return separator


def _in_header(header: Sequence[str], roles, names) -> Places | None:
    found = find_names(header, [role for role in roles if role not in names])
    places = [place_of(header, names.get(role) or [found.get(role) or role]) for role in roles]
    there = [each for each in places if each is not None]
    return there if len(there) == len(places) else None


def _is_header(header: Sequence[str], roles: Sequence[str], beside: bool) -> bool:
    """Whether the first line of a file that need not have one is a header, the roles being there.

    Two of them are; one is where it is called by its name, or all the others have names too.
    """
    if len(roles) > 1 or roles[0] in (cell.strip(WHITE_SPACE).lower() for cell in header):
        return True
    known = find_names(header, (*roles, *COMPANIONS.get(roles[0], ())))
    return beside and 1 < len(header) == len(known)


def _say_header(path, header, roles, places: Places, *, named: bool, usual: bool) -> None:
    columns = ["+".join(header[i] for i in each) for each in places]
    if not usual:
        note(f"{path}: the first line is a header")
    if not named and columns != list(roles):
        meant = ", ".join(f"{role}={name}" for role, name in zip(roles, columns, strict=True))
        note(f"{path}: the columns are taken for {meant} (`features` names others)")


def _without_others(numbers: Places, names, roles, width: int) -> Places:
    """Counts columns anew in a file that lacks those of the other roles."""
    others = column_numbers({role: names[role] for role in names if role not in roles}) or []
    gone = {place for places in others for place in places}
    whole = 1 + max([*gone, *(place for places in numbers for place in places)])
    if width != whole - len(gone):
        return numbers
    return [[place - sum(each < place for each in gone) for place in places] for places in numbers]


def _no_header(path, header: Sequence[str], roles, names) -> UserError:
    found = find_names(header, roles)
    role = next(
        (
            role
            for role in roles
            if (place_of(header, names[role]) is None if role in names else role not in found)
        ),
        roles[0],
    )
    missing = "+".join(names.get(role, [role]))
    return UserError(
        f"{path}, line 1: expected a header with the column {missing} (`features` such as "
        f"{role}=NAME names another, {role}=2 the second one of a file without a header). "
        f"Received: {first_of(header) or 'none'}"
    )


def _unnamed(path, separator: str, first, roles: Sequence[str], beside: bool) -> Layout:
    """The layout of a file without a header: a column for each role, in their order."""
    all_roles = (*roles, *COMPANIONS.get(roles[0], ())[:1]) if beside else tuple(roles)
    number = len(roles)
    width = number if beside and first and len(first[0]) == number else len(all_roles)
    places = [[i] for i in range(len(roles))]
    why = _why_other_order(first, all_roles) if width == 2 else ""
    if why:
        places = [[1 - i] for i in range(len(roles))]
        one, two = all_roles
        note(
            f"{path}: {why}, is taken for the {one}, column 1 for the {two} (`features` such as "
            f"{one}=1,{two}=2 says otherwise)"
        )
    expected = _in_words(all_roles)
    if beside:
        expected = f"{_in_words(roles)}, or {expected}"
    comma = separator != TAB
    return Layout(separator, comma, False, places, width, expected)


def _in_words(roles: Sequence[str]) -> str:
    return ", a tab and ".join(ROLES[role] for role in roles)


def _why_other_order(first: Sequence[Sequence[str]], roles: tuple[str, ...]) -> str:
    """Says which column is the first role although it is the second one; `""` where it is not."""
    if roles == LABELLED and label_is_first(first):
        return "column 2, which is longer and does not repeat"
    if roles[0] == "image" and first and all(len(row) == 2 for row in first):
        if all(is_image_name(two) and not is_image_name(one) for one, two in first):
            return "column 2, whose names are those of image files"
    return ""
