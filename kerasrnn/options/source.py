"""Where examples come from, and how they are read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeAlias

from kerasrnn.checks import check_integer

__all__ = ["FEWEST_FOLDS", "FoldSplit", "Source", "Split"]

# One to test, one to validate, and others to train.
FEWEST_FOLDS = 3


@dataclasses.dataclass(frozen=True)
class FoldSplit:
    """A split of a file in one of the folds of a cross-validation.

    Over all folds each row is tested once: in fold k of N rows k, k + N, k + 2 N, … of the file are
    for test, those behind them for validation (in the last fold rows 1, 1 + N, …), the others for
    training.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        fold: Which fold, from 1.
        folds: How many there are, at least 3.

    Raises:
        ValueError: For a number out of its range.

    Example:

    >>> list(datasets.texts("poems.txt", FoldSplit("test", 2, 5)))  # doctest: +SKIP
    """

    split: str
    fold: int
    folds: int

    def __post_init__(self) -> None:
        check_integer("folds", self.folds, least=FEWEST_FOLDS)
        check_integer("fold", self.fold, most=self.folds)


# What readers of files take: a split by its name or in a fold, `None` for all of a file.
Split: TypeAlias = str | FoldSplit | None


@dataclasses.dataclass(frozen=True)
class Source:
    """A split of a data set or of a file, as the readers of `datasets` take it.

    Args:
        data: A data set's name or a file.
        split: `"train"`, `"validation"` or `"test"`, perhaps in a fold; `None` for all of a file.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features or columns are meant; found by default.
        encoding: That of a file.
    """

    data: str
    split: Split
    data_dir: str | None = None
    features: Mapping[str, str] | str | None = None
    encoding: str = "utf-8"

    @property
    def place(self) -> tuple[str, Split, str | None]:
        """What every reader takes first: data, split and folder."""
        return self.data, self.split, self.data_dir

    @property
    def form(self) -> dict[str, Any]:
        """The keyword arguments of every reader of files: which columns, and their encoding."""
        return {"features": self.features, "encoding": self.encoding}
