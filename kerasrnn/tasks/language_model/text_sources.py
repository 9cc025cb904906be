"""Where the texts of a language model come from."""

from __future__ import annotations

from typing import Any, TypeVar

from kerasrnn.datasets import texts
from kerasrnn.options import LanguageModel, Source
from kerasrnn.options.source import Split

__all__ = ["read_texts", "source_of"]

_Split = TypeVar("_Split", bound=Split)


def read_texts(source: Source, options: LanguageModel) -> Any:
    """Reads texts."""
    return texts(*source.place, whole_file=options.whole_file, **source.form)


def source_of(options: LanguageModel, split: _Split) -> tuple[str, _Split | None]:
    """Says where a training reads a split: the data set or file, and the split of it."""
    validation = options.validation_data
    if validation is None:
        return options.data, split
    test = options.test_data or validation
    return {"train": options.data, "validation": validation, "test": test}[str(split)], None
