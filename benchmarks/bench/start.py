"""What one waits for: an import, and the first answer of `kerasrnn predict`."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.subjects import JAX, TORCH, Subject, Timed
from bench.trained import trained_dates

OURS, STOCK = "ours", "Keras-TF"
IMPORTS = {
    OURS: {"import kerasrnn": "import kerasrnn", "with Keras": "from kerasrnn import many_to_one"},
    STOCK: {"import": "import keras"},
    JAX: {"import": "import keras"},
    TORCH: {"import": "import torch"},
}
TEXT = "3 January 2021"


def subjects(quick: bool = False, folder: Any = None, **_: Any) -> Iterator[Subject]:
    against = dict.fromkeys(IMPORTS[OURS], "import")
    rounds = 1 if quick else None
    yield Subject("start", "import", {}, tuple(IMPORTS), against, rounds=rounds)
    run = trained_dates(folder, quick)[0]
    yield Subject("start", "`kerasrnn predict`, dates", {"run": str(run)}, (OURS,), rounds=rounds)


def make(rival: str, sizes: dict[str, Any]) -> dict[str, Timed]:
    library = {JAX: "jax", TORCH: "torch"}.get(rival)
    if library:
        importlib.import_module(library)  # where it is missing, that is said
    if "run" in sizes:
        words = ["-m", "kerasrnn", "predict", sizes["run"]]
        return {"first answer": timed(words)}
    return {name: timed(["-c", statement]) for name, statement in IMPORTS[rival].items()}


def timed(words: list[str]) -> Timed:
    """A program from its start to its end, which is given a text where it reads one."""

    def call() -> None:
        command = [sys.executable, *words]
        subprocess.run(command, check=True, input=TEXT + "\n", stdout=subprocess.DEVNULL, text=True)

    return Timed(call, begins=True)
