"""The recipes that come with the package: options that are known to work, by name."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Mapping
from typing import Any

from kerasrnn.tasks.registry import registered

__all__ = ["Recipe", "drop_data_options", "list_recipes", "recipe_file"]

FOLDER = pathlib.Path(__file__).parents[1] / "recipes"


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A YAML file of options for one task.

    Attributes:
        name: What `--config` takes, such as `dates` or `penn_treebank/lstm`.
        task: The task that it is for; `""` where the file does not say so.
        what: What it does: the first sentence of the file.
        path: The file.
    """

    name: str
    task: str
    what: str
    path: pathlib.Path


def list_recipes(folder: pathlib.Path = FOLDER) -> list[Recipe]:
    """Lists the recipes of a folder, sorted by name.

    Each file begins with a comment: the task, a colon, and what the recipe does in one sentence.
    """
    paths = sorted(folder.glob("**/*.yaml"), key=lambda path: path.parts)
    return [_recipe(path, path.relative_to(folder)) for path in paths]


def _recipe(path: pathlib.Path, within: pathlib.Path) -> Recipe:
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = []
    while lines and lines[0].startswith("#"):
        comment.append(lines.pop(0).removeprefix("#").strip())
    said = re.split(r"\.\s", " ".join(comment) + " ")[0]
    task, colon, what = said.partition(": ")
    if not colon or not re.fullmatch(r"[a-z-]+", task):
        task, what = "", said
    return Recipe(within.with_suffix("").as_posix(), task, what.strip(), path)


def recipe_file(config: str) -> str:
    """Finds what `--config` means.

    Args:
        config: The path of a YAML file, or the name of a recipe; of both the file is meant.

    Returns:
        The path of the file; `config` itself where there is no such recipe either.
    """
    if pathlib.Path(config).exists() and not pathlib.Path(config).is_dir():
        return config
    # `recipes/NAME.yaml` was the path of a recipe in a checkout: people have typed and kept it.
    name = config.removeprefix("recipes/").removesuffix(".yaml")
    found = [recipe.path for recipe in list_recipes() if recipe.name == name]
    return str(found[0]) if found else config


def drop_data_options(
    content: dict[str, Any], data: str | None, recorded: Mapping[str, Any]
) -> list[str]:
    """Takes out of the options of a recipe what does not outlive its data.

    Args:
        content: What the file says by option, which is changed.
        data: The data that the command line names instead, if any.
        recorded: Options of a run that goes on; what it has recorded stays.

    Returns:
        The names of the options that were taken out.
    """
    if data is None or content.get("data") in (None, data):
        return []
    tasks = (entry.options for entry in registered().values())
    of_data = {field.name for task in tasks for field in task.fields() if field.of_data}
    said = (name for name in content if name in of_data)
    names = [name for name in said if content[name] not in (None, recorded.get(name))]
    for name in names:
        del content[name]
    return names
