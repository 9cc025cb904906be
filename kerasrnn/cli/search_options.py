"""The options of the search for answers, the same for all commands that take them."""

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
        beam_width: Number of hypotheses kept for each input; 1 is greedy search.
        length_penalty: 0 ranks answers by log-probability, 1 nearly by its mean over the tokens.
        coverage_penalty: Above 0, answers that attend to the whole source are preferred.
        min_length: Minimum number of tokens of an answer.
        no_repeat_ngram: No n-gram of this size may occur twice in an answer.
        replace_unknown: Replace an unknown token by the source token with most attention.
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
