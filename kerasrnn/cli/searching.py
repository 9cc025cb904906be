"""The options of the search for answers, the same for all commands that take them."""

from __future__ import annotations

import dataclasses
import typing
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from kerasrnn.checks import UserError
from kerasrnn.options.search_options import SearchOptions

__all__ = ["AS_THE_RUN", "SearchParameter", "searching"]

if TYPE_CHECKING:
    Given = SearchOptions
else:  # the same options, of which each may not be given
    Given = dataclasses.make_dataclass(
        "Given",
        [
            (name, hint | None, None)
            for name, hint in typing.get_type_hints(SearchOptions, include_extras=True).items()
        ],
        namespace={"__doc__": SearchOptions.__doc__, "__module__": __name__},
        frozen=True,
    )

SearchParameter = Annotated[Given, Parameter(name="*")]
# No option is given.
AS_THE_RUN = Given()


def searching(task: Any, options: SearchOptions) -> Any:
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
