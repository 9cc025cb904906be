"""How a task searches for the texts that it writes."""

from __future__ import annotations

import dataclasses

from kerasrnn.options.fields import check_fields
from kerasrnn.options.ranges import Natural, NonNegative, Width

__all__ = ["SearchOptions"]


@dataclasses.dataclass(frozen=True)
class SearchOptions:
    """How answers are searched for, which is greedily by default.

    Args:
        beam_width: Number of hypotheses kept for each input; 1 is greedy search.
        length_penalty: 0 ranks answers by log-probability, 1 nearly by its mean over the tokens.
        coverage_penalty: Above 0, answers that attend to the whole source are preferred.
        min_length: Minimum number of tokens of an answer.
        no_repeat_ngram: No n-gram of this size may occur twice in an answer.
        replace_unknown: Replace an unknown token by the source token with most attention.

    Raises:
        ValueError: For a value of another type, or out of its range.
    """

    beam_width: Width = 1
    length_penalty: NonNegative = 0.6
    coverage_penalty: NonNegative = 0.0
    min_length: Natural = 0
    no_repeat_ngram: Natural = 0
    replace_unknown: bool = False

    def __post_init__(self) -> None:
        check_fields(self)
