"""How what has no splits of its own is cut into training, validation and test."""

from __future__ import annotations

import dataclasses

from kerasrnn.checks import UserError, check_choice
from kerasrnn.options.source import FoldSplit, Split

__all__ = ["HELD_OUT", "PERIOD", "SPLIT_NAMES", "Part", "check_split", "part_of"]

SPLIT_NAMES = {
    "train": ("train",),
    "validation": ("validation", "dev", "val", "valid"),
    "test": ("test",),
}
HELD_OUT = ("validation", "test")
# Of each twenty rows the 19th goes to validation and the 20th to test.
PERIOD, NUMBER = 20, "twenty"
PLACES = {"train": range(18), "validation": range(18, 19), "test": range(19, 20)}
# In order of time or of the text, in twentieths: a window of a series and what follows it have to
# fit into each part.
TWENTIETHS = {"text": {"validation": 1, "test": 1}, "series": {"validation": 2, "test": 2}}


def check_split(split: Split, *, whole: bool = False) -> None:
    """Raises a `ValueError` for what is no split.

    Args:
        split: The split.
        whole: Whether there may be a file, of which `None` is all and which has folds.
    """
    if isinstance(split, FoldSplit):
        if not whole:
            raise UserError(f"Expected a file, of which to make folds. Received: a {split}")
        split = split.split
    if not (whole and split is None):
        check_choice("split", split, tuple(SPLIT_NAMES))


@dataclasses.dataclass(frozen=True)
class Part:
    """The part of a file that belongs to a split.

    Attributes:
        split: `"train"`, `"validation"` or `"test"`.
        missing: Those of the last two that are cut out of the file.
        fold: The fold of a cross-validation, from 1, and how many there are; `None` for none.

    Example:

    >>> Part("validation").places, Part("train", ("test",)).places[-2:]
    ((18,), (17, 18))
    >>> Part("validation").cut("text"), Part("train", ("test",)).cut("series")
    ((18, 19), (0, 18))
    >>> [Part(split, fold=(5, 5)).places for split in SPLIT_NAMES]
    [(1, 2, 3), (0,), (4,)]
    """

    split: str
    missing: tuple[str, ...] = HELD_OUT
    fold: tuple[int, int] | None = None

    @property
    def period(self) -> int:
        """After how many rows it begins anew."""
        return PERIOD if self.fold is None else self.fold[1]

    def has(self, row: int) -> bool:
        """Whether a row belongs to it; the first one is 0."""
        return row % self.period in self.places

    @property
    def places(self) -> tuple[int, ...]:
        """Which of each twenty rows belong to it, from 0 to 19; with folds, of as many as these."""
        if self.fold is not None:
            return self._places_of_fold(*self.fold)
        if self.split != "train":
            return tuple(PLACES[self.split])
        out = {place for name in self.missing for place in PLACES[name]}
        return tuple(place for place in range(PERIOD) if place not in out)

    def _places_of_fold(self, fold: int, folds: int) -> tuple[int, ...]:
        held_out = {"test": fold - 1, "validation": fold % folds}
        if self.split in held_out:
            return (held_out[self.split],)
        return tuple(place for place in range(folds) if place not in held_out.values())

    def said(self, what: str) -> str:
        """Says which rows are held out.

        Args:
            what: What the rows are.

        Example:

        >>> Part("train").said("lines")
        'of each twenty lines the 19th is for validation and the 20th for test'
        """
        if self.fold is not None:
            fold, folds = self.fold
            return (
                f"fold {fold} of {folds}: of each {folds} {what} number {fold} is for test and "
                f"number {fold % folds + 1} for validation"
            )
        first, *rest = ((PLACES[name][0] + 1, name) for name in self.missing)
        also = "".join(f" and the {place}th for {name}" for place, name in rest)
        return f"of each {NUMBER} {what} the {first[0]}th is for {first[1]}{also}"

    def cut(self, kind: str) -> tuple[int, int]:
        """Where it begins and ends in what is in order, in twentieths of the whole.

        Args:
            kind: `"text"` or `"series"`.

        Raises:
            ValueError: For a fold, which takes rows from everywhere.
        """
        if self.fold is not None:
            raise UserError(f"Expected rows, of which to make folds. Received: a {kind} in order")
        sizes = {name: TWENTIETHS[kind][name] for name in HELD_OUT if name in self.missing}
        end = PERIOD - sum(sizes.values())
        ends = {"train": (0, end)}
        for name, size in sizes.items():
            ends[name] = (end, end + size)
            end += size
        return ends[self.split]


def part_of(split: Split) -> Part | None:
    """Returns the part of a single file that belongs to a split, `None` for all of it."""
    if isinstance(split, FoldSplit):
        return Part(split.split, fold=(split.fold, split.folds))
    return None if split is None else Part(split)
