"""Which tasks there are: the options of each, and a function that imports the rest.

The folders of tasks beside this file register them as soon as they are imported, which
loads neither Keras nor TensorFlow. Other packages register theirs with `register`, or name a
function that does so in the entry-point group `kerasrnn.tasks`:

    [options.entry_points]
    kerasrnn.tasks =
        spans = my_package.spans:register_spans
"""

from __future__ import annotations

import dataclasses
import functools
import pkgutil
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import kerasrnn.tasks
from kerasrnn.checks import UserError
from kerasrnn.options import Options

if TYPE_CHECKING:
    from kerasrnn.tasks.job import Job
    from kerasrnn.tasks.task import Task

__all__ = [
    "ENTRY_POINTS",
    "Entry",
    "MainFigure",
    "TEXT_FIGURES",
    "TaskParts",
    "entry_of",
    "recorded_options",
    "register",
    "registered",
    "saved_entry",
    "task_class",
]

ENTRY_POINTS = "kerasrnn.tasks"


@dataclasses.dataclass(frozen=True)
class TaskParts:
    """What belongs to a task beside its options.

    Args:
        tasks: The classes of trained tasks; runs record the `name` of theirs.
        job: Makes the job, which trains one, from options.
    """

    tasks: tuple[type[Task], ...]
    job: Callable[[Any], Job]


@dataclasses.dataclass(frozen=True)
class MainFigure:
    """By what runs of a task are compared.

    Args:
        name: A figure of the test split, as `metrics.json` has it.
        lower: Whether lower is better.
        least: What the best run has to reach for the figure to tell runs apart; where it does not,
            the next figure of the task is taken.
    """

    name: str
    lower: bool = False
    least: float = 0.0


# Of tasks that answer with a text.
TEXT_FIGURES = (
    MainFigure("exact_match", least=0.5),
    MainFigure("bleu"),  # where most answers are wrong, how much of them is right tells more
    MainFigure("exact_match"),
)


@dataclasses.dataclass(frozen=True)
class Entry:
    """A task as it is registered.

    Args:
        options: The class of its options, whose `task` is its name.
        parts: Imports and returns the rest.
        saved_as: The names of its classes of trained tasks.
        figures: Its main figures; the first one that all runs have decides which is the best.
        alike: Names of options, or of other parts of `config.json`, by which figures are of other
            things, such as the level of the tokens that a perplexity counts: runs are compared
            where these are the same.
    """

    options: type[Options]
    parts: Callable[[], TaskParts]
    saved_as: tuple[str, ...]
    figures: tuple[MainFigure, ...] = ()
    alike: tuple[str, ...] = ()


_ENTRIES: dict[str, Entry] = {}


def register(
    options: type[Options],
    parts: Callable[[], TaskParts],
    saved_as: tuple[str, ...] = (),
    *,
    figures: tuple[MainFigure, ...] = (),
    alike: tuple[str, ...] = (),
) -> None:
    """Makes a task known to the command line, to `kerasrnn.train` and to `kerasrnn.load`.

    Args:
        options: The class of its options, whose `task` is its name. To import it should be quick.
        parts: Imports the rest, and returns it.
        saved_as: The names of its classes of trained tasks, where there are several, or one of
            another name.
        figures: What `kerasrnn runs` compares runs by, see `MainFigure`: the first one that all of
            them have.
        alike: Names of options, or of parts of `config.json`, that have to be the same for that.

    Raises:
        ValueError: For options without a name, or a name that another class has.

    Example:

    >>> from kerasrnn.tasks.frames import frames
    >>> names, figures = ("frames", "frames-vectors"), (MainFigure("accuracy"),)
    >>> register(options.Frames, frames, names, figures=figures)  # as it is already
    """
    name = options.task
    if not name:
        raise UserError(f"Expected options with the name of a task. Received: {options.__name__}")
    before = _ENTRIES.get(name)
    if before is not None and before.options is not options:
        raise UserError(
            f"Expected a name that no other task has. Received: {name!r} of {options.__name__}, "
            f"which is that of {before.options.__name__}"
        )
    _ENTRIES[name] = Entry(options, parts, saved_as or (name,), figures, alike)


def registered() -> Mapping[str, Entry]:
    """Returns all tasks by name, sorted."""
    _register_all()
    return dict(sorted(_ENTRIES.items()))


def entry_of(options: Options) -> Entry:
    """Returns the task that options belong to.

    Raises:
        ValueError: For what are no options of a registered task.
    """
    for entry in registered().values():
        if type(options) is entry.options:
            return entry
    known = ", ".join(each.options.__name__ for each in registered().values())
    received = f"the class {options.__name__}" if isinstance(options, type) else f"{options!r:.200}"
    raise UserError(f"Expected options of a task, one of {known}. Received: {received}")


def task_class(name: str) -> type[Task] | None:
    """Returns the class of trained tasks of some name; `None` where there is none.

    Raises:
        ValueError: Where a task is registered whose classes have other names.
    """
    entry = saved_entry(name)
    if entry is None:
        return None
    classes = {each.name: each for each in entry.parts().tasks}
    if name not in classes:
        raise UserError(
            f"Expected the task {entry.options.task!r} to have a class whose `name` is "
            f"{name!r}. Received: {sorted(classes)}"
        )
    return classes[name]


def saved_entry(name: object) -> Entry | None:
    """Returns the task that has a class of trained tasks of some name; `None` for none."""
    return next((entry for entry in registered().values() if name in entry.saved_as), None)


def recorded_options(config: Mapping[str, Any]) -> Options | None:
    """Returns the options that a run has recorded; `None` for a task that is not registered.

    Args:
        config: What its `config.json` holds.
    """
    entry = saved_entry(config.get("task"))
    return None if entry is None else entry.options.recorded(config.get("settings", {}))


@functools.cache
def _register_all() -> None:
    import importlib.metadata  # here, for most commands and their help need no list of tasks

    for module in pkgutil.iter_modules(kerasrnn.tasks.__path__):
        if module.ispkg:
            importlib.import_module(f"kerasrnn.tasks.{module.name}")
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            point.load()()
        except Exception as error:  # it is another package's, and must not end every command
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            warnings.warn(
                f"The task {point.name!r} of {point.value} cannot be registered ({reason})",
                stacklevel=2,
            )
