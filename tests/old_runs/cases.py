"""The runs of `tests/fixtures/format_1`, see its README.md: unpacked and called."""

import csv
import json
import pathlib
import shlex
import shutil
import tarfile

import keras
import pytest
from packaging.version import Version

from kerasrnn.cli.main import main

FORMAT_1 = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "format_1"
CASES = json.loads((FORMAT_1 / "cases.json").read_text(encoding="utf-8"))
ANSWERS = json.loads((FORMAT_1 / "answers.json").read_text(encoding="utf-8"))
WRITTEN_BY = "3.15"  # the Keras of the models: their initializers have arguments new in it


def unpack(case: str, folder: pathlib.Path) -> None:
    """Unpacks the runs `whole` and `half` of a case into a folder with all data files."""
    if Version(keras.__version__) < Version(WRITTEN_BY):
        pytest.skip(f"needs Keras {WRITTEN_BY}, which saved the model")
    shutil.copytree(FORMAT_1 / "data", folder, dirs_exist_ok=True)
    with tarfile.open(FORMAT_1 / "packed" / f"{case}.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    (last,) = (folder / "half" / "state").glob("epoch-*.keras")
    shutil.copyfile(last, folder / "half" / "model.keras")
    lines = "".join(f"{line}\n" for line in CASES[case]["lines"])
    (folder / "lines.txt").write_text(lines, encoding="utf-8", newline="")


def training(case: str) -> list[str]:
    """Returns the words that a run was begun with, but for the output folder."""
    return ["train", *shlex.split(CASES[case]["train"])]


def output_of(capsys, *words: str) -> str:
    """Runs a command, which has to succeed, and returns what it printed."""
    capsys.readouterr()
    assert main(list(words)) == 0
    return capsys.readouterr().out


def history(run: pathlib.Path) -> list[dict[str, float]]:
    """Reads the figures of each epoch, but for the time that it took."""
    with open(run / "history.csv", newline="", encoding="utf-8") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]
