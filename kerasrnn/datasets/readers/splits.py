"""How what has no splits of its own is cut into training, validation and test."""

from __future__ import annotations

import dataclasses

from kerasrnn.checks import check_choice

__all__ = ["HELD_OUT", "PERIOD", "SPLIT_NAMES", "Part", "check_split"]

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


def check_split(split: str | None, *, whole: bool = False) -> None:
    """Raises a `ValueError` for what is no name of a split; `None` is all, where that will do."""
    if not (whole and split is None):
        check_choice("split", split, tuple(SPLIT_NAMES))


@dataclasses.dataclass(frozen=True)
class Part:
    """The part of a file that belongs to a split.

    Attributes:
        split: `"train"`, `"validation"` or `"test"`.
        missing: Those of the last two that are cut out of the file.

    Example:

    >>> Part("validation").places, Part("train", ("test",)).places[-2:]
    ((18,), (17, 18))
    >>> Part("validation").cut("text"), Part("train", ("test",)).cut("series")
    ((18, 19), (0, 18))
    """

    split: str
    missing: tuple[str, ...] = HELD_OUT

    @property
    def places(self) -> tuple[int, ...]:
        """Which of each twenty rows belong to it, from 0 to 19."""
        if self.split != "train":
            return tuple(PLACES[self.split])
        out = {place for name in self.missing for place in PLACES[name]}
        return tuple(place for place in range(PERIOD) if place not in out)

    def said(self, what: str) -> str:
        """Says which rows are held out.

        Args:
            what: What the rows are.

        Example:

        >>> Part("train").said("lines")
        'of each twenty lines the 19th is for validation and the 20th for test'
        """
        first, *rest = ((PLACES[name][0] + 1, name) for name in self.missing)
        also = "".join(f" and the {place}th for {name}" for place, name in rest)
        return f"of each {NUMBER} {what} the {first[0]}th is for {first[1]}{also}"

    def cut(self, kind: str) -> tuple[int, int]:
        """Where it begins and ends in what is in order, in twentieths of the whole.

        Args:
            kind: `"text"` or `"series"`.
        """
        sizes = {name: TWENTIETHS[kind][name] for name in HELD_OUT if name in self.missing}
        end = PERIOD - sum(sizes.values())
        ends = {"train": (0, end)}
        for name, size in sizes.items():
            ends[name] = (end, end + size)
            end += size
        return ends[self.split]
