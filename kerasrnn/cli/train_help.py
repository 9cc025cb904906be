"""What `kerasrnn train --help` says beyond the list of its tasks: data sets and recipes."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable

from kerasrnn.cli.recipes import list_recipes
from kerasrnn.options import Options
from kerasrnn.tasks.registry import registered

__all__ = ["train_epilogue"]


def train_epilogue() -> str:
    """Returns the lines that list data sets and recipes."""
    data = ((name, _data_sets(entry.options)) for name, entry in registered().items())
    recipes = (
        (each.name, f"{each.task}: {each.what}" if each.task else each.what)
        for each in list_recipes()
    )
    return "\n".join(
        [
            "Data sets (--data), beside files of your own, of which --help of a task tells:",
            *_columns(data),
            "Embedded ones need no network. The others are examples of tensorflow-datasets names;",
            "`kerasrnn datasets` lists what is prepared.",
            "",
            "Recipes (--config NAME, or a YAML file of your own):",
            *_columns(recipes),
        ]
    )


def _data_sets(task: type[Options]) -> str:
    embedded = f"{', '.join(task.embedded)} (embedded)" if task.embedded else ""
    found = "; ".join(filter(None, [embedded, ", ".join(task.prepared)]))
    return found or "files of your own"


def _columns(rows: Iterable[tuple[str, str]]) -> list[str]:
    rows = list(rows)
    margin = 4 + max((len(name) for name, _ in rows), default=0)
    width = max(60, min(100, shutil.get_terminal_size().columns))
    wrapped = (
        textwrap.wrap(
            text, width, initial_indent=f"  {name}".ljust(margin), subsequent_indent=" " * margin
        )
        for name, text in rows
    )
    return [line for lines in wrapped for line in lines]
