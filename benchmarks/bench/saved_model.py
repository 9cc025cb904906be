"""The SavedModel of the dates, which takes strings: how long one answer takes, and 64."""

from __future__ import annotations

import functools
import pathlib
import string
from collections.abc import Iterator
from typing import Any

from bench.subjects import TORCH, Subject, Timed
from bench.trained import trained_dates

OURS = "ours"
ANSWER, UNITS = 10, 64  # characters of a date, units of the recipe
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August")
BATCHES = (1, 64)


def subjects(quick: bool = False, folder: Any = None, **_: Any) -> Iterator[Subject]:
    saved = trained_dates(folder, quick)[1]
    yield Subject("saved_model", "dates, strings in", {"saved": str(saved)}, (OURS, TORCH))


def texts(number: int) -> list[str]:
    return [f"{1 + i % 28} {MONTHS[i % len(MONTHS)]} {1950 + i}" for i in range(number)]


def make(rival: str, sizes: dict[str, Any]) -> dict[str, Timed]:
    if rival == TORCH:
        from bench.torch_translator import TorchTranslator

        numbers = {each: 5 + i for i, each in enumerate(string.printable)}
        answer = TorchTranslator(numbers, UNITS, ANSWER, characters=True).greedy
    else:
        answer = of_tensorflow(sizes["saved"])
    batches = {number: texts(number) for number in BATCHES}
    return {
        f"batch of {number}": Timed(functools.partial(answer, given))
        for number, given in batches.items()
    }


def of_tensorflow(folder: str) -> Any:
    """The newest version, called as TensorFlow's own users do."""
    import tensorflow as tf

    version = max(pathlib.Path(folder).iterdir(), key=lambda each: int(each.name))
    loaded = tf.saved_model.load(str(version))
    signature = loaded.signatures["serving_default"]
    keep = [loaded]  # its variables go with it

    def answer(given):
        assert keep
        return signature(text=tf.constant(given))["text"].numpy().tolist()

    return answer
