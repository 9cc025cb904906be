"""What `kerasrnn train --help` says beyond the list of its tasks: data sets and recipes."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable

from kerasrnn.cli.recipes import list_recipes

__all__ = ["DATA_SETS", "train_epilogue"]

# By task the embedded data set, if there is one, and names of tensorflow-datasets that it takes.
DATA_SETS = {
    "caption": ("digits", ["coco_captions"]),
    "classify": ("languages", ["imdb_reviews", "ag_news_subset", "glue/sst2", "mnist"]),
    "forecast": (None, []),
    "frames": ("moving_digits", []),
    "language-model": ("python_docs", ["tiny_shakespeare", "lm1b", "wiki40b/en"]),
    "tag": ("python_tokens", ["universal_dependencies/en_ewt", "conll2003", "wikiann/en"]),
    "translate": ("dates", ["ted_hrlr_translate/pt_to_en", "wmt16_translate/de-en"]),
}


def train_epilogue() -> str:
    """Returns the lines that list data sets and recipes."""
    data = (
        (task, "; ".join(filter(None, [embedded, ", ".join(names)])) or "your own .csv file")
        for task, (embedded, names) in DATA_SETS.items()
    )
    recipes = (
        (each.name, f"{each.task}: {each.what}" if each.task else each.what)
        for each in list_recipes()
    )
    return "\n".join(
        [
            "Data sets (--data), beside files of your own, of which --help of a task tells:",
            *_columns(data),
            "The first of each line is embedded and needs no network. The others are examples",
            "of tensorflow-datasets names; `kerasrnn datasets` lists what is prepared.",
            "",
            "Recipes (--config NAME, or a YAML file of your own):",
            *_columns(recipes),
        ]
    )


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
