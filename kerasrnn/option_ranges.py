"""The ranges of the numeric options of commands, trainings and searches: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from kerasrnn.checks import (
    check_integer,
    check_layers,
    check_number,
    check_order,
    check_size,
)

__all__ = ["RANGES", "check_options"]

# What NumPy takes for a seed, and what 64 bits hold behind a million of them.
MOST_SEED = 2**32 - 1
MOST_CONTINUATIONS = 1_000_000

_share = partial(check_number, below=1)
_above_0 = partial(check_number, above=True)
_from_0 = partial(check_integer, least=0)

# By option what checks its value, given its name and the value.
RANGES: dict[str, Callable] = {
    # Data and vocabularies
    "horizon": check_integer,
    "length": check_integer,
    "max_length": check_integer,
    "max_vocabulary_size": partial(check_integer, least=5),  # four ids are reserved
    "min_count": check_integer,
    "turns": check_integer,
    "window": check_integer,
    # Models
    "character_filters": check_size,
    "character_width": check_size,
    "dropout": _share,
    "embedding": check_size,
    "num_layers": check_layers,
    "segment_length": check_integer,
    "units": check_size,
    # Training
    "batch_size": check_integer,
    "batch_tokens": check_integer,
    "clipnorm": _above_0,
    "ema_momentum": _share,
    "epochs": check_integer,
    "label_smoothing": _share,
    "learning_rate": _above_0,
    "min_improvement": partial(check_number, least=1),
    "seed": partial(check_integer, least=0, most=MOST_SEED),
    "word_dropout": _share,
    # Search and draws
    "beam_width": check_integer,
    "coverage_penalty": check_number,
    "length_penalty": check_number,
    "min_length": _from_0,
    "no_repeat_ngram": _from_0,
    "number": partial(check_integer, most=MOST_CONTINUATIONS),
    "temperature": check_number,
    "top_k": _from_0,
    # Language models that are counted, mixed and rescored with
    "dynamic": check_number,
    "k": check_number,
    "order": check_order,
    "acoustic_scale": partial(check_number, least=-1e9),
    "first_pass_weight": partial(check_number, least=-1e9),
    "lm_weight": partial(check_number, least=-1e9),
    "word_insertion_penalty": partial(check_number, least=-1e9),
    # The server
    "batch_wait": check_number,
    "max_batch": check_integer,
    "max_body": partial(check_integer, most=2**20),
    "port": partial(check_integer, least=0, most=2**16 - 1),
}


def check_options(options: Mapping) -> None:
    """Raises a `UserError` for an option that is out of its range.

    Args:
        options: Values by name. `None` stands for an option that was not given; names that are not
            in `RANGES` are not numbers.

    Example:

    >>> check_options({"units": 64, "dropout": 0.5, "batch_tokens": None, "cell": "gru"})
    """
    for name, value in options.items():
        if name in RANGES and value is not None:
            RANGES[name](name, value)
