"""Runs notebooks: `python notebooks/run.py [--quick | --save] [--jobs N] [NAME …]`.

Without a name it runs all. `--quick` runs the short form: where a code cell has the metadata
`{"quick": {"epochs=12": "epochs=1"}}`, that string of its source is replaced.
"""

from __future__ import annotations

import argparse
import base64
import copy
import io
import json
import os
import pathlib
import re
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import PIL.Image

FOLDER = pathlib.Path(__file__).resolve().parent
SECONDS_OF_A_CELL = 600
# Folders of a machine: what a reader elsewhere can do nothing with.
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|tmp|usr|work|opt|var|mnt|Users)/[\w./-]+")
NOTE = re.compile(r"(?m)^(?:INFO|WARNING):tensorflow:.*\n*")  # TensorFlow's, on stdout
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line says; returns 1 where a notebook fails."""
    parser = argparse.ArgumentParser(description="Runs notebooks.")
    parser.add_argument(
        "names", nargs="*", help="such as 03 or 03_unrolling, or a path; without one, all"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true", help="run the short form; nothing is saved")
    how.add_argument("--save", action="store_true", help="keep the outputs")
    parser.add_argument("--jobs", type=int, default=1, help="number of notebooks side by side")
    given = parser.parse_args(arguments)
    paths = find(given.names)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    begin = time.monotonic()
    with ThreadPoolExecutor(given.jobs) as pool:
        well = list(pool.map(lambda path: run(path, given.quick, given.save), paths))
    print(
        f"{sum(well)} of {len(well)} notebooks ran in {time.monotonic() - begin:.0f} s", flush=True
    )
    return 0 if all(well) else 1


def find(names: Iterable[str], folder: pathlib.Path = FOLDER) -> list[pathlib.Path]:
    """Returns the paths of notebooks by name, number or path; of none, all there are."""
    every = sorted(folder.glob("*.ipynb"))
    found = []
    for name in names:
        chosen = [path for path in every if name in (path.stem, path.stem.partition("_")[0])]
        if pathlib.Path(name).is_file():
            chosen = [pathlib.Path(name).resolve()]
        if not chosen:
            there = ", ".join(path.stem for path in every)
            raise SystemExit(f"Expected a notebook, one of {there}. Received: {name!r}")
        found += chosen
    return list(dict.fromkeys(found)) or every


def run(path: pathlib.Path, quick: bool = False, save: bool = False) -> bool:
    """Runs one notebook in its folder; prints its time, or the error of a cell."""
    begin, notebook = time.monotonic(), json.loads(path.read_text(encoding="utf-8"))
    try:
        done = execute(quick_form(notebook) if quick else notebook, path.parent)
        if save:
            written = json.dumps(cleaned(done), indent=1, ensure_ascii=False) + "\n"
            path.write_text(written, encoding="utf-8", newline="\n")
    except Exception as error:
        print(f"{path.stem} failed after {time.monotonic() - begin:.0f} s\n{error}", flush=True)
        return False
    print(f"{path.stem} {time.monotonic() - begin:.0f} s", flush=True)
    return True


def execute(notebook: dict, folder: pathlib.Path) -> dict:
    """Returns the notebook with the outputs of a new kernel that works in the folder.

    Raises:
        CellExecutionError: For a cell that fails; the message has the cell and the error.
    """
    import nbformat
    from nbclient import NotebookClient

    node = nbformat.reads(json.dumps(notebook), as_version=4)
    client = NotebookClient(
        node, timeout=SECONDS_OF_A_CELL, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return json.loads(json.dumps(node))


def quick_form(notebook: dict) -> dict:
    """Returns the notebook with each cell's quick strings in place.

    Raises:
        ValueError: For a string that its cell does not have.
    """
    short = copy.deepcopy(notebook)
    for number, cell in enumerate(short["cells"], start=1):
        for old, new in cell["metadata"].get("quick", {}).items():
            source = "".join(cell["source"])
            if old not in source:
                raise ValueError(f"Cell {number} does not have the quick string {old!r}")
            cell["source"] = source.replace(old, new)
    return short


def without_notes(outputs: list[dict]) -> list[dict]:
    """Returns outputs without what is written to stderr, and without TensorFlow's notes."""
    kept = []
    for output in outputs:
        if "text" in output:
            output = {**output, "text": lines(NOTE.sub("", "".join(output["text"])))}
        if output.get("name") != "stderr" and output.get("text", True):
            kept.append(output)
    return kept


def few_colours(picture: str) -> str:
    """Returns a PNG, in base64, of at most 256 colours: half as large, and it looks the same."""
    image = PIL.Image.open(io.BytesIO(base64.b64decode(picture)))
    if image.mode == "P":
        return picture
    file = io.BytesIO()
    on_white = PIL.Image.alpha_composite(
        PIL.Image.new("RGBA", image.size, "white"), image.convert("RGBA")
    )
    on_white.convert("RGB").quantize(256, dither=PIL.Image.Dither.NONE).save(
        file, "PNG", optimize=True
    )
    return base64.b64encode(file.getvalue()).decode("ascii")


def cleaned(notebook: dict) -> dict:
    """Returns what is kept of a notebook that ran: no times, no warnings, nothing of the machine.

    Raises:
        ValueError: For an output that shows a path of the machine.
    """
    kept = copy.deepcopy(notebook)
    kept["metadata"] = copy.deepcopy(METADATA)
    count = 0
    for number, cell in enumerate(kept["cells"], start=1):
        quick = cell["metadata"].get("quick")
        cell["metadata"] = {"quick": quick} if quick else {}
        cell["source"] = lines("".join(cell["source"]))
        if cell["cell_type"] != "code":
            continue
        count += 1
        cell["execution_count"] = count
        cell["outputs"] = without_notes(cell["outputs"])
        for output in cell["outputs"]:
            if "execution_count" in output:
                output["execution_count"] = count
            if "image/png" in output.get("data", {}):
                output["data"]["image/png"] = few_colours("".join(output["data"]["image/png"]))
        shown = MACHINE_PATH.search("\n".join(texts(cell)))
        if shown:
            raise ValueError(f"Cell {number} shows a path of this machine: {shown.group()}")
    return kept


def texts(cell: dict) -> list[str]:
    """Returns what a cell says and shows, pictures left out."""
    found = ["".join(cell["source"])]
    for output in cell.get("outputs", ()):
        found.append("".join(output.get("text", "")))
        data = output.get("data", {})
        found += ["".join(data[form]) for form in data if form.startswith("text/")]
    return found


def lines(text: str) -> list[str]:
    """Returns a text as the format keeps it: lines with their ends."""
    return text.splitlines(keepends=True)


if __name__ == "__main__":
    sys.exit(main())
