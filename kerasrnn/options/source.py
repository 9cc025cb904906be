"""Where examples come from, and how they are read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

__all__ = ["Source"]


@dataclasses.dataclass(frozen=True)
class Source:
    """A split of a data set or of a file, as the readers of `datasets` take it.

    Args:
        data: A data set's name or a file.
        split: `"train"`, `"validation"` or `"test"`; `None` for all of a file.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features or columns are meant; found by default.
        encoding: That of a file.
    """

    data: str
    split: str | None
    data_dir: str | None = None
    features: Mapping[str, str] | str | None = None
    encoding: str = "utf-8"

    @property
    def place(self) -> tuple[str, str | None, str | None]:
        """What every reader takes first: data, split and folder."""
        return self.data, self.split, self.data_dir

    @property
    def form(self) -> dict[str, Any]:
        """The keyword arguments of every reader of files: which columns, and their encoding."""
        return {"features": self.features, "encoding": self.encoding}
