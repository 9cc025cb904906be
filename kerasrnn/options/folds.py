"""Cross-validation: trainings that each hold out other rows, and one on all rows."""

from __future__ import annotations

import dataclasses
import os
from functools import partial
from typing import Annotated, TypeGuard

from kerasrnn.checks import UserError, check_integer
from kerasrnn.options.fields import Unrecorded
from kerasrnn.options.groups import Data
from kerasrnn.options.options import Options
from kerasrnn.options.ranges import Count
from kerasrnn.options.source import FEWEST_FOLDS, FoldSplit, Source

__all__ = ["Folded", "Folds", "fold_name", "is_cross_validation"]

Folds = Annotated[int, partial(check_integer, least=FEWEST_FOLDS)]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Folded(Data):
    """Trainings that test each row of a file once.

    Args:
        folds: For a file too small to hold rows out: cross-validation by this many trainings, 3 or
            more, each of which tests and validates on other rows, then a model of all rows. The
            figures are the means of the folds, which are in the folder `folds` of the run.
        fold: Train this one of the folds alone, from 1, such as each on another machine; the folder
            is then that of the fold, folds/2 of the run for the second.
    """

    folds: Annotated[Folds | None, Unrecorded(None)] = None
    fold: Annotated[Count | None, Unrecorded(None)] = None

    def source(self, data: str, split: str | None) -> Source:
        found = super().source(data, split)
        if self.folds is None or split is None or data != self.data:
            return found
        part = None if self.fold is None else FoldSplit(split, self.fold, self.folds)
        return dataclasses.replace(found, split=part)

    def reading(self) -> dict[str, object]:
        newer = {} if self.folds is None else {"folds": self.folds, "fold": self.fold}
        return {**super().reading(), **newer}

    def check_paths(self) -> None:
        super().check_paths()
        if self.fold is not None and self.fold > (self.folds or 0):
            raise UserError(
                f"Expected `fold` to be one of the `folds`, from 1. Received: fold={self.fold}, "
                f"folds={self.folds}"
            )
        if self.folds is None:
            return
        paths = [self.data] if os.path.exists(self.data) else self.data.split(",")
        if not all(os.path.isfile(path.strip()) for path in paths):
            raise UserError(
                "Expected a file for `folds`, whose rows are held out in turn: a data set and a "
                f"folder have splits of their own. Received: {self.data!r}"
            )

    def check_held_out(self, data: str, split: str | None) -> None:
        if self.folds is None or self.fold is not None or data != self.data:
            return
        if split not in (None, "train"):
            raise UserError(
                f"Expected other data than {data}, for the run was trained on all of its rows: the "
                "figures of rows that were held out are in its metrics.json, and its folder "
                f"`folds` has the models. Received: the {split} split"
            )


def is_cross_validation(options: Options) -> TypeGuard[Folded]:
    """Whether options ask for the trainings of all folds, rather than for a single one."""
    return isinstance(options, Folded) and options.folds is not None and options.fold is None


def fold_name(options: Options) -> str:
    """Names the fold that options ask for, such as fold 2 of 5; empty for none."""
    if not isinstance(options, Folded) or options.fold is None:
        return ""
    return f"fold {options.fold} of {options.folds}"
