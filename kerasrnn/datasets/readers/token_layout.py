"""Which columns of a file with a token on each line are the token and its label."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.features import PREFERRED
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.table_rows import column_numbers
from kerasrnn.files import WHITE_SPACE, is_blank, numbered_lines, split_words, wrong_line

__all__ = ["DOCUMENT", "UNIVERSAL", "Layout", "is_document", "token_columns", "token_layout"]

# What begins a document in the files of CoNLL-2003, as if it were a sentence of one token.
DOCUMENT = "-DOCSTART-"
# Universal Dependencies, https://universaldependencies.org/format.html
UNIVERSAL = ".conllu"
CONLLU = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
CONLLU_NAMES = {"tokens": ["form"], "tags": ["upos"]}
# Names of columns in a first line that nobody has named.
USUAL = {
    "tokens": ("token", "word", "form", *PREFERRED["tokens"]),
    "tags": ("label", "tag", *PREFERRED["tags"]),
}
SEEN, MOST = 100, 5  # lines that are looked at; columns of which the first and the last are taken
Table = Sequence[Sequence[Sequence[str]]]


@dataclasses.dataclass(frozen=True)
class Layout:
    """How the lines of a file are read.

    Attributes:
        places: The place of each column that is read, from 0.
        width: The number of columns; `None` for any that has the places.
        words: Whether all white space separates columns, tabs or not.
        header: The number of the line that names the columns; 0 for none.
        note: What was guessed, for the user.
    """

    places: tuple[int, ...]
    width: int | None = None
    words: bool = False
    header: int = 0
    note: str = ""

    def fits(self, columns: Sequence[str]) -> bool:
        """Whether a line has the columns that it should have."""
        return len(columns) == self.width if self.width else len(columns) > max(self.places)

    def columns(self, text: str) -> list[str]:
        """Splits a line as this file asks for it."""
        columns = split_words(text) if self.words else token_columns(text)
        if self.width and not self.fits(columns) and columns[0] and not text.endswith("\t"):
            return [column for column in columns if column]  # several tabs align the columns
        return columns

    @property
    def expected(self) -> str:
        """What a line should have, for an error."""
        if self.width is None:
            return f"at least {max(self.places) + 1} columns"
        if self.width == 2:
            return "a token, a tab or a space, and a label"
        return f"{self.width} column{'s' * (self.width > 1)}, as in the lines before"


def is_document(text: str) -> bool:
    """Whether a line says that a document begins."""
    return text.startswith(DOCUMENT) and split_words(text)[0] == DOCUMENT


def token_layout(
    path: str | os.PathLike[str],
    names: Mapping[str, Sequence[str]],
    roles: Sequence[str],
    encoding: str = "utf-8",
    *,
    guess: bool = True,
) -> Layout:
    """Finds the columns of some roles, see `column_sentences`.

    Args:
        path: The file, whose first hundred lines are looked at.
        names: What `feature_names` returned.
        roles: `("tokens", "tags")` or `("tokens",)`.
        encoding: That of the file.
        guess: Whether it may have another form than a token and a label, where nothing is named.

    Raises:
        UserError: Where it cannot be known which columns are meant.
    """
    if form_of(path) == UNIVERSAL:
        named = {**CONLLU_NAMES, **names}
        known = {name: str(place) for place, name in enumerate(CONLLU, start=1)}
        parts = {role: [known.get(part, part) for part in named[role]] for role in roles}
        return Layout(_numbers(path, parts, f", or names of {', '.join(CONLLU)}"))
    if not names and not guess:
        return Layout((0, 1)[: len(roles)], 2)
    sentences = _first_sentences(path, encoding, guess)
    if names:
        return _named(path, {role: names.get(role, ["?"]) for role in roles}, sentences)
    return _guessed(path, roles, sentences)


def token_columns(text: str) -> list[str]:
    """Splits a line at tabs where it has any, else at white space."""
    if "\t" not in text:
        return split_words(text)
    return [column.strip(WHITE_SPACE) for column in text.rstrip(WHITE_SPACE).split("\t")]


def _first_sentences(path, encoding: str, remarks: bool) -> list[list[tuple[int, str]]]:
    """The first lines, with their numbers, of which most files have no remark."""

    def found(leave_out: str) -> list[Any]:
        lines = (
            (number, "" if is_document(text) else text)
            for number, text in numbered_lines(path, encoding)
            if not (leave_out and text.startswith(leave_out))
        )
        groups = itertools.groupby(lines, lambda line: is_blank(line[1]))
        some = (itertools.chain(group, (None,)) for empty, group in groups if not empty)
        return [*itertools.islice(itertools.chain.from_iterable(some), SEEN)]

    lines = (remarks and found("#")) or found("")
    groups = itertools.groupby(lines, lambda line: line is None)
    return [[*group] for empty, group in groups if not empty]


def _numbers(path, parts: Mapping[str, Any], choice: str) -> tuple[int, ...]:
    numbers = column_numbers(parts)
    if numbers is None or any(len(each) != 1 for each in numbers):
        received = ", ".join(f"{role}={'+'.join(names)}" for role, names in parts.items())
        raise UserError(
            f"{path}: expected `features` with the number of a column, from 1, for tokens and for "
            f"tags{choice}. Received: {received}"
        )
    return tuple(place for (place,) in numbers)


def _named(path, parts: Mapping[str, Any], sentences: list[list[tuple[int, str]]]) -> Layout:
    number, first = sentences[0][0] if sentences else (0, "")
    header = token_columns(first)
    if all(len(names) == 1 and header.count(names[0]) == 1 for names in parts.values()):
        places = tuple(header.index(names[0]) for names in parts.values())
        return Layout(places, len(header), header=number)
    places = _numbers(path, parts, f", or names that stand in the first line, {first!r:.60}")
    texts = [text for lines in sentences for _, text in lines]

    def enough(split: Callable[..., Any]) -> bool:
        return all(len(split(text)) > max(places) for text in texts)

    return Layout(places, words=enough(split_words) and not enough(token_columns))


def _guessed(path, roles: Sequence[str], sentences: list[list[tuple[int, str]]]) -> Layout:
    lines = [line for sentence in sentences for line in sentence]
    if not lines:
        return Layout(tuple(range(len(roles))), 2)
    number, first = lines[0]
    header = [name.lower() for name in token_columns(first)]
    usual = [next((name for name in USUAL[role] if header.count(name) == 1), "") for role in USUAL]
    if len(header) > 1 and all(usual):
        places = tuple(header.index(name) for name in usual)[: len(roles)]
        note = f"line {number} names the columns: tokens={usual[0]}, tags={usual[1]}"
        return Layout(places, len(header), header=number, note=note)
    width, words = _width([text for _, text in lines])
    if width < 3:
        return Layout(tuple(range(len(roles))), max(width, len(roles)), words)
    layout = Layout((0, width - 1)[: len(roles)], width, words)
    skipped = _tells_nothing([[layout.columns(text) for _, text in each] for each in sentences])
    example = f"tokens={1 + skipped},tags={width}"
    if skipped or width > MOST:
        shown = ", ".join(f"{i} {value}" for i, value in enumerate(layout.columns(first), start=1))
        expected = f"a token, a tab or a space, and a label, or `features` such as {example}"
        raise wrong_line(path, number, expected, f"columns {shown}")
    note = f"tokens are column 1 of {width}, labels column {width} (--features {example})"
    return dataclasses.replace(layout, note=note)


def _width(texts: Sequence[str]) -> tuple[int, bool]:
    """The number of columns, and whether all white space separates them."""
    by_tabs = [token_columns(text) for text in texts]
    filled = [[column for column in columns if column] for columns in by_tabs]
    if len({*map(len, by_tabs)}) == 1:
        return len(by_tabs[0]), False
    whole = not any(text.strip(" ").endswith("\t") or not token_columns(text)[0] for text in texts)
    if whole and len({*map(len, filled)}) == 1:  # several tabs, to align columns
        return len(filled[0]), False
    by_words = [split_words(text) for text in texts]
    words = whole and len({*map(len, by_words)}) == 1
    return len(by_words[0] if words else by_tabs[0]), words


def _tells_nothing(sentences: Table) -> bool:
    """Whether the first column counts the tokens of a sentence, or is the same for all of them."""
    firsts = [[columns[0] for columns in lines] for lines in sentences if len(lines) > 1]
    counted = (
        [str(i) for i in range(start, start + len(each))] == each
        for each in firsts
        for start in (0, 1)
    )
    same = (len({*each}) == 1 for each in firsts if len(each) > 2)
    return any(counted) or any(same) and all(len({*each}) == 1 for each in firsts)
