"""The search for answers: one set of options for greedy and for beam search."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from keras import ops

from kerasrnn.decoding.beam_search import beam_search
from kerasrnn.decoding.constraints import Constraint, force_prefix, min_length, no_repeat_ngram
from kerasrnn.decoding.greedy import decode
from kerasrnn.decoding.ranking import length_normalised
from kerasrnn.decoding.step_function import Step, repeat_rows
from kerasrnn.options.search_options import SearchOptions
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, PADDING, UNKNOWN

__all__ = ["Search", "search"]


@dataclasses.dataclass(frozen=True)
class Search(SearchOptions):
    """The options of a search, and what follows from them for the step function.

    `length_penalty` is the α of `beam_search` and `coverage_penalty` its β, which is for models
    with attention. With `replace_unknown` the unknown token may come out, to be replaced by the
    token of the source that got most attention where it was drawn (Luong et al. 2015b).

    Raises:
        ValueError: For a width below 1, or a number below 0.

    Example:

    >>> Search(beam_width=5, min_length=2).banned
    (0, 1, 2)
    """

    @property
    def banned(self) -> tuple[int, ...]:
        """The reserved ids that never come out."""
        return (PADDING, BEGIN) if self.replace_unknown else (PADDING, UNKNOWN, BEGIN)

    def constraints(self, prefix: Tensor | None = None) -> list[Constraint]:
        """Makes the constraints, with one for a prefix `(R, P)` int32 where there is one."""
        made = [min_length(self.min_length)] if self.min_length else []
        if self.no_repeat_ngram:
            made.append(no_repeat_ngram(self.no_repeat_ngram))
        return made if prefix is None else [*made, force_prefix(prefix)]


def search(
    begin: Callable[[int, bool], tuple[Step, Mapping[str, Tensor]]],
    options: Search,
    *,
    max_length: int,
    best: int = 1,
    banned: tuple[int, ...] = (),
    prefix: Tensor | None = None,
    first: Tensor | None = None,
) -> dict[str, Tensor]:
    """Searches for the best answers of each source.

    Args:
        begin: `begin(copies, coverage) -> step, states`: what `step_function` gives with these
            options.
        options: A `Search`. A beam is at least as wide as there are answers to return.
        max_length: Maximum number of tokens, end included.
        best: Number N of answers of each source.
        banned: Ids that never come out, beside the reserved ones.
        prefix: `(B, P)` int32 ids that each answer begins with, 0 behind; or `None`.
        first: `(B,)` int32, the ids before the first drawn ones; the begin id by default.

    Returns:
        What `beam_search` returns: `ids` `(B, N, T)`, `score`, `log_prob` and `lengths` `(B, N)`.
    """
    width = max(options.beam_width, best)
    covers = options.coverage_penalty > 0
    step, states = begin(width, covers)
    prefix, first = (
        value if value is None or width == 1 else repeat_rows(value, width)
        for value in (prefix, first)
    )
    shared = {
        "max_length": max_length,
        "banned": (*options.banned, *banned),
        "constraints": options.constraints(prefix),
        "first": first,
    }
    if width == 1 and not covers:
        found = decode(step, states, **shared)
        found["score"] = length_normalised(
            found["log_prob"], found["lengths"], options.length_penalty
        )
        return {name: ops.expand_dims(value, 1) for name, value in found.items()}
    return beam_search(
        step,
        states,
        width=width,
        best=best,
        length_penalty=options.length_penalty,
        coverage_penalty=options.coverage_penalty,
        **shared,
    )
