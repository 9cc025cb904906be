"""What the README tells users to type works as it is written."""

import inspect
import pathlib
import re
import shlex

import pytest

import kerasrnn
from kerasrnn.cli.main import _app
from kerasrnn.datasets import EMBEDDED
from tests.test_package import FLOORS

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_python_example(dates_dir):
    """The example itself, with four batches instead of five epochs."""
    example = re.search(r"```python\n(import keras\nimport kerasrnn\n.*?)```", README, re.S)[1]
    assert len([line for line in example.splitlines() if line]) == 15
    short = example.replace("epochs=5", "epochs=2, steps_per_epoch=2, validation_steps=2")
    assert short != example
    names = {}
    exec(compile(short, "README.md", "exec"), names)
    assert len(names["translator"].predict(["4 mars 2021"])) == 1
    assert len(names["model"].history.history["val_perplexity"]) == 2
    decoding = re.search(r"```python\n(better = .*?)```", README, re.S)[1]
    exec(compile(decoding, "README.md", "exec"), names)
    assert names["better"].search.beam_width == 5


def test_language_models_example(capsys):
    block = r"```python\n(from kerasrnn import language_modeling.*?)```"
    example = re.search(block, README, re.S)[1]
    exec(compile(example, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert "perplexity" in said and "('the dog sat'," in said


def test_training_example(monkeypatch):
    example = re.search(r"```python\n([^`]*kerasrnn\.train\(.*?)```", README, re.S)[1]
    calls = []
    monkeypatch.setattr(kerasrnn, "train", lambda *given, **options: calls.append((given, options)))
    exec(compile(example, "README.md", "exec"), {})
    (((wider, folder), given),) = calls
    assert isinstance(wider, kerasrnn.options.Translate) and wider.units != type(wider).units
    assert set(inspect.signature(kerasrnn.tasks.train).parameters) >= set(given)
    assert folder.startswith("runs/")


COMMANDS = re.findall(r"^\$ (?:.*\| )?kerasrnn (.*)$", README.replace("\\\n", ""), re.M)


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_parse(words, monkeypatch):
    monkeypatch.chdir(ROOT)
    if not words.endswith("--help"):
        _app().parse_args(shlex.split(words), exit_on_error=False, print_error=False)


def test_data_sets_of_commands_are_there():
    import tensorflow_datasets as tfds

    known = {*EMBEDDED, *tfds.list_builders(with_community_datasets=False)}
    named = [re.search(r"--data (\S+)", words) for words in COMMANDS]
    named = [match[1] for match in named if match]
    files = [name for name in named if re.search(r"\.(tsv|csv|txt|en,\S+\.de)$", name)]
    assert len(named) >= 5 and set(named) - set(files) <= known
    assert set(named) - set(files)


def test_files_that_the_guide_names_are_there():
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:\.ci|tests|kerasrnn|benchmarks)/[\w./]*)`", guide)
    paths = [path for path in paths if "TASK" not in path]
    assert len(paths) > 20 and [path for path in paths if not (ROOT / path).exists()] == []
    for target in re.findall(r"^\$ make (\S+)", guide, re.M):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M)


def test_the_table_of_the_guide_has_the_floors_of_the_house():
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| (.*?) \|", guide, re.M)
    rooms = {int(floor): set(re.findall(r"`(\w+)(?:\.py)?`", cell)) for floor, cell in rows}
    there = {path.stem for path in (ROOT / "kerasrnn").iterdir()}
    assert rooms == {
        floor: {room for room in rooms if room in there and not room.startswith("__")}
        for floor, rooms in FLOORS.items()
    }


def test_files_that_the_readme_names_are_there():
    assert len(COMMANDS) >= 5
    for path in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / path).is_file(), path
    for target in re.findall(r"^\$ make (\w+)", README, re.M):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M)
