"""What is compared, and what a process answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from kerasrnn.options.words import Recurrence, words

__all__ = ["JAX", "LOOP", "OURS", "STOCK", "TORCH", "Subject", "Timed", "family", "process"]

# Rivals are named after the library, then the way in which it is used.
OURS = tuple(f"ours, {way}" for way in words(Recurrence))
LOOP = "Keras-TF, loop"
STOCK = (LOOP, "Keras-TF, unrolled", "Keras-TF, XLA")
JAX = "Keras-JAX"
TORCH = "PyTorch"


@dataclasses.dataclass(frozen=True)
class Subject:
    """The same work for each rival.

    Attributes:
        group: Module of this room that makes it.
        name: What the table calls it.
        sizes: What `make` of that module gets, anything that JSON can hold.
        rivals: Names of those who do it, of this module.
        against: By figure of ours, that of the rivals which it is compared with, where that is
            another one.
        cores: How many cores it runs on; all by default.
        curve: Of a subject that is a point of a curve, the name of what changes and its value.
        rounds: At most so many rounds, where one takes long.
    """

    group: str
    name: str
    sizes: Mapping[str, Any]
    rivals: tuple[str, ...]
    against: Mapping[str, str] = dataclasses.field(default_factory=dict)
    cores: int | None = None
    curve: tuple[str, float] | None = None
    rounds: int | None = None


@dataclasses.dataclass(frozen=True)
class Timed:
    """A figure of a rival: what is called, and how many tokens that is.

    Attributes:
        call: Does all of the work before it returns; where that is a dictionary, it is kept.
        tokens: Tokens that are not padding; 0 where the time of a call is the figure.
        begins: Whether a call begins from nothing, a program of its own, so that there is nothing
            to warm up.
    """

    call: Callable[[], object]
    tokens: int = 0
    begins: bool = False


def family(rival: str) -> str:
    """The library of a rival, or `ours`."""
    return rival.partition(",")[0]


def process(rival: str) -> str:
    """The name of the process that a rival runs in, one for each library below it."""
    return {"Keras-JAX": "jax", "PyTorch": "torch"}.get(family(rival), "tensorflow")
