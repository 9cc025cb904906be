"""What `kerasrnn train --help` lists is there, and recipes are found by their names."""

import pathlib
import re

import pytest
import tensorflow_datasets as tfds
import yaml

import kerasrnn
from kerasrnn.cli.main import main
from kerasrnn.cli.recipes import list_recipes, recipe_file
from kerasrnn.cli.train_help import train_epilogue
from kerasrnn.datasets.sources.builders import EMBEDDED
from kerasrnn.tasks.registry import registered

RECIPES = pathlib.Path(kerasrnn.__file__).parent / "recipes"
TASKS = {name: entry.options for name, entry in registered().items()}


def test_data_sets_are_those_of_the_package_and_of_tensorflow_datasets():
    embedded = {name: task for task, each in TASKS.items() for name in each.embedded}
    assert embedded == EMBEDDED
    known = set(tfds.list_builders(with_community_datasets=False))
    for each in TASKS.values():
        assert {name.split("/")[0] for name in each.prepared} <= known


def test_help_lists_tasks_data_sets_and_recipes(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["train", "--help"]) == 0
    text = capsys.readouterr().out
    assert all(re.search(rf"│ {task} +Train ", text) for task in TASKS)
    assert all(f"  {recipe.name} " in text for recipe in list_recipes())
    assert re.search(r"\n  classify +languages, messages \(embedded\); imdb_reviews", text)
    assert all(len(line) <= 100 for line in train_epilogue().splitlines())
    assert main(["train", "classify", "--help"]) == 0
    text = capsys.readouterr().out
    assert "Recipes (" not in text and "--dry-run" in text and "--tensorboard" in text


@pytest.mark.parametrize("recipe", list_recipes(), ids=lambda recipe: recipe.name)
def test_each_recipe_says_its_task_and_has_its_options(recipe):
    assert recipe.task in TASKS, "the first line is `# TASK: what it does in one sentence.`"
    assert recipe.what
    options = yaml.safe_load(recipe.path.read_text(encoding="utf-8"))
    made = TASKS[recipe.task](**{"data": "a.tsv", **options})
    assert options.items() <= made.record().items()
    assert recipe.path == RECIPES / f"{recipe.name}.yaml"
    # Or another default of tomorrow would train another model by the same recipe.
    left = {field.name for field in made.fields() if field.follows}
    left -= {"max_vocabulary_size", "recurrence"}  # the second one is for speed alone
    assert not [name for name in left if getattr(made, name) is None]


def test_no_file_of_the_package_is_a_link():
    """An archive of the repository, and Windows, make a small text file of a symbolic link."""
    assert not [path for path in RECIPES.parent.rglob("*") if path.is_symlink()]


def test_a_recipe_is_found_by_name_and_a_file_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("dates", "recipes/dates.yaml", "dates.yaml"):
        assert pathlib.Path(recipe_file(name)) == RECIPES / "dates.yaml"
    assert recipe_file("penn_treebank/lstm").endswith("penn_treebank/lstm.yaml")
    assert recipe_file("../recipes/dates") == "../recipes/dates" and recipe_file("x") == "x"
    (tmp_path / "dates.yaml").write_text("units: 3\n")
    assert recipe_file("dates.yaml") == "dates.yaml"
    (tmp_path / "dates").mkdir()
    assert pathlib.Path(recipe_file("dates")) == RECIPES / "dates.yaml"


def test_a_recipe_without_a_task_is_listed_too(tmp_path):
    (tmp_path / "one.yaml").write_text("# What: it is\n# like. More.\nunits: 3\n")
    (tmp_path / "two.yaml").write_text("units: 3\n")
    one, two = list_recipes(tmp_path)
    assert (one.task, one.what, two.task, two.what) == ("", "What: it is like", "", "")
