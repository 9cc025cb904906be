"""The options of how answers are searched for, the same for all commands that take them."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from cyclopts import Parameter

from kerasrnn.checks import UserError
from kerasrnn.option_ranges import check_options

__all__ = ["SearchOptions", "SearchParameter", "check_search", "searching"]


@dataclasses.dataclass(frozen=True)
class SearchOptions:
    """How answers are searched for; by default as the run says, which is greedily.

    Args:
        beam_width: Open hypotheses of each input; 1 is greedy search.
        length_penalty: 0 ranks answers by probability, 1 nearly by that of a token.
        coverage_penalty: Above 0 answers are favoured that attend to the whole source.
        min_length: Tokens before an answer may end.
        no_repeat_ngram: That many tokens in a row may not occur twice.
        replace_unknown: Copy the source token that got most attention for an unknown one.
    """

    beam_width: int | None = None
    length_penalty: float | None = None
    coverage_penalty: float | None = None
    min_length: int | None = None
    no_repeat_ngram: int | None = None
    replace_unknown: bool | None = None


SearchParameter = Annotated[SearchOptions, Parameter(name="*")]


def check_search(options: SearchOptions) -> None:
    """Raises a `UserError` for an option that is out of range, before a run is loaded."""
    check_options(dataclasses.asdict(options))


def searching(task, options: SearchOptions):
    """Returns the task with the options that were given.

    Raises:
        ValueError: For an option that the task or its model cannot serve.
    """
    given = {k: v for k, v in dataclasses.asdict(options).items() if v is not None}
    if not given:
        return task
    if not hasattr(task, "with_search"):
        raise UserError(
            f"Expected a run that writes texts for --{next(iter(given)).replace('_', '-')}. "
            f"Received: one of the task {task.name!r}"
        )
    return task.with_search(**given)
