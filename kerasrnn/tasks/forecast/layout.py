"""Which columns a forecaster reads, and what each of them is to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kerasrnn.checks import UserError, check_texts
from kerasrnn.datasets import Panel

__all__ = ["Layout"]


@dataclasses.dataclass(frozen=True)
class Layout:
    """The columns of a forecaster, in the order in which its model reads them.

    Attributes:
        past: Names of the P columns of which only the past is known.
        targets: Names of the K columns to forecast, among those.
        ahead: Names of the columns of a file that are known ahead.
        calendar: Features of the calendar, known ahead too.
        static: Names of the S numbers of a series that do not change.
        categories: Of each static column of texts its categories.
        names: Ids of the series of the training; of one series none counts.
    """

    past: tuple[str, ...]
    targets: tuple[str, ...]
    ahead: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, panel: Panel, targets: tuple[str, ...], names: tuple[str, ...]) -> Layout:
        """Reads it off a panel.

        Args:
            panel: The series.
            targets: Names of the columns to forecast; by default the last one of the past.
            names: Ids of the series that the training knows.

        Raises:
            ValueError: For targets that are not among the columns of the past.
        """
        past = tuple(name for name in panel.columns if name not in panel.ahead)
        targets = targets or past[-1:]
        wrong = [name for name in targets if name not in past]
        if wrong or len(set(targets)) != len(targets) or not targets:
            raise UserError(
                f"Expected distinct targets among the columns {', '.join(past) or 'none'}, which "
                f"are not known ahead. Received: {', '.join(targets) or 'none'}"
            )
        waves = 2 * len(panel.calendar)
        own = panel.ahead[: len(panel.ahead) - waves]
        names = names if len(panel.series) > 1 else ()
        return cls(past, targets, own, panel.calendar, panel.static, panel.categories, names)

    @property
    def places(self) -> list[int]:
        """Where the targets are among the columns of the past."""
        return [self.past.index(name) for name in self.targets]

    @property
    def number_ahead(self) -> int:
        """How many columns A are known ahead, two of each feature of the calendar."""
        return len(self.ahead) + 2 * len(self.calendar)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of numbers of a file."""
        return (*self.past, *self.ahead)

    @property
    def static_columns(self) -> dict[str, tuple[str, ...] | None]:
        """Names of the static columns of a file, with the categories of those of texts."""
        found: dict[str, tuple[str, ...] | None] = {}
        for label in self.static:
            of = (name for name in self.categories if label.startswith(f"{name}="))
            name = next(of, label)
            found[name] = self.categories.get(name)
        return found

    def record(self) -> dict[str, Any]:
        """Returns what JSON can hold, for `read`."""
        return dataclasses.asdict(self)

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Layout:
        """Makes a layout of what `record` returned."""
        names = [field.name for field in dataclasses.fields(cls) if field.name != "categories"]
        parts = {name: tuple(check_texts(name, record[name])) for name in names}
        categories = {
            name: tuple(check_texts("categories", texts))
            for name, texts in record["categories"].items()
        }
        return cls(**parts, categories=categories)
