"""What the commands that take several language models share."""

from __future__ import annotations

import math
import pathlib
import sys
from typing import Annotated, Any

from cyclopts import Parameter

from kerasrnn.checks import UserError, check_number
from kerasrnn.files import check_file, check_run

__all__ = [
    "Paths",
    "check_models",
    "check_new_file",
    "dynamic_models",
    "mixture_weights",
    "numbers",
    "progress",
]

Paths = Annotated[list[str], Parameter(consume_multiple=True)]


def check_new_file(path: str) -> None:
    """Refuses an output file that is there already, or whose folder is not."""
    if not pathlib.Path(path).parent.is_dir():
        raise UserError(f"Expected a folder for --output. Received: {path!r}")
    if pathlib.Path(path).exists():
        raise UserError(f"Expected a new file for --output. Received: {path!r}, which is there")


def check_models(paths: list[str]) -> None:
    """Refuses what is neither the folder of a run nor a file."""
    for path in paths:
        if pathlib.Path(path).is_dir():
            check_run(path, "language-model")
        else:
            check_file(path)


def mixture_weights(
    number: int, weights: str | None, tune_on: Any, cache: float | None
) -> list[Any]:
    """Returns a weight for each model, and for the cache where there is one."""
    if not number:
        raise UserError("Expected a run or an ARPA file for --models. Received: none")
    if weights is not None and tune_on is not None:
        raise UserError("Expected --weights or --tune-on. Received: both")
    if cache is not None:
        check_number("--cache", cache, below=1, above=True)
    found = [1 / number] * number if weights is None else numbers("--weights", weights, float)
    if len(found) != number or min(found) < 0 or not math.isclose(sum(found), 1, abs_tol=1e-6):
        raise UserError(
            f"Expected {number} --weights of 0 or more, of sum 1, one for each model. "
            f"Received: {weights}"
        )
    if cache is None:
        return found
    return [*((1 - cache) * weight for weight in found), cache]


def numbers(option: str, text: str, kind: type) -> list[Any]:
    """Reads numbers between commas."""
    try:
        return [kind(each) for each in text.split(",")]
    except ValueError:
        raise UserError(f"Expected numbers for {option}, such as 1,2. Received: {text}") from None


def dynamic_models(models: list[Any], learning_rate: float, length: int = 20) -> list[Any]:
    """Returns the models with the neural ones among them learning as they go."""
    from kerasrnn.language_modeling import DynamicModel, Expanded, NeuralModel

    found = []
    for model in models:
        neural = model.model if isinstance(model, Expanded) else model
        if isinstance(neural, NeuralModel):
            neural = DynamicModel(neural, learning_rate, length)
            model = Expanded(neural, model.vocabulary) if isinstance(model, Expanded) else neural
        found.append(model)
    if all(one is other for one, other in zip(models, found, strict=True)):
        raise UserError("Expected a run among --models for --dynamic. Received: ARPA files only")
    return found


def progress(sentences: list[Any], name: str) -> Any:
    """Shows how much has been read, where somebody looks."""
    from tqdm import tqdm

    return tqdm(sentences, name, unit=" sentences", file=sys.stderr, disable=None)
