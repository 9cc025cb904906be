"""What a training step costs by length, width, vocabulary and cores: LSTMs, drawn as curves."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from recurrence import Shape

from bench import recurrence
from bench.processes import cores_here
from bench.subjects import JAX, LOOP, OURS, TORCH, Subject, Timed

BASE = Shape(32, 100, 5000, 128, 1, True)
WORDS = Shape(20, 20, 1000, 128, 1, False)
LENGTHS, WIDTHS = (25, 100, 400, 1600), (64, 128, 256, 512, 1024)
VOCABULARIES, CORES = (1_000, 10_000, 50_000, 200_000), (1, 2)
ROUNDS = 3


def subjects(quick: bool = False, **_: Any) -> Iterator[Subject]:
    curves = {
        "length": [(each, {"steps": each}) for each in LENGTHS],
        "width": [(each, {"units": each, "steps": 50}) for each in WIDTHS],
        "vocabulary": [(each, {"vocabulary": each}) for each in VOCABULARIES],
        "cores": [(each, {}) for each in CORES if each <= cores_here()],
    }
    for name, points in curves.items():
        base = WORDS if name == "vocabulary" else BASE
        if quick and name != "cores":
            continue
        if quick:
            base, points = recurrence.TINY, [(1, {})]
        for value, change in points:
            shape = dataclasses.replace(base, **change)
            yield Subject(
                "curves", f"{name} {value:,}: {shape}",
                {"cell": "lstm", "shape": dataclasses.asdict(shape)},
                (OURS[-1], LOOP, JAX, TORCH),
                cores=value if name == "cores" else None, curve=(name, value), rounds=ROUNDS,
            )  # fmt: skip


def make(rival: str, sizes: dict[str, Any]) -> dict[str, Timed]:
    return {"training": recurrence.make(rival, sizes)["training"]}
