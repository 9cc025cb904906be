"""`kerasrnn train TASK`: a command for the options of each task that is registered.

What is heavy to import is imported inside, so that `--help` and a mistyped word answer at once.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from cyclopts import Parameter

from kerasrnn.cli.launching import Launch, launch_of
from kerasrnn.cli.memory import keep_freed_memory
from kerasrnn.cli.quiet import quiet_stderr
from kerasrnn.files import FOLDS, check_output, room_in
from kerasrnn.options import Field, Options
from kerasrnn.options.control import Control
from kerasrnn.options.fields import fields_of
from kerasrnn.options.folds import is_cross_validation

__all__ = ["train_command"]

# What leads the help: what has to be said, and where the rest may come from.
FIRST = ("config", "data", "output")
# Nothing is to be gained from `--no-dry-run`.
FLAGS = ("tensorboard", "dry_run")


def train_command(task: type[Options]) -> Callable[..., Launch | None]:
    """Makes the function whose signature is the command line of a task.

    Args:
        task: The class of its options.

    Returns:
        A function of keyword arguments, which trains, or returns what to start for that.
    """
    names = {field.name for field in fields_of(Control)}

    def command(**values: Any) -> Launch | None:
        control = Control(**{name: value for name, value in values.items() if name in names})
        return _train(task(**{name: values[name] for name in values if name not in names}), control)

    parameters = list(_parameters(task))
    command.__name__ = f"train_{task.task.replace('-', '_')}"
    command.__doc__ = _description(task)
    command.__signature__ = inspect.Signature(parameters)
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


def _parameters(task: type[Options]) -> Iterator[inspect.Parameter]:
    fields = {field.name: field for field in (*task.fields(), *fields_of(Control))}
    for name in (*FIRST, *(each for each in fields if each not in FIRST)):
        field = fields[name]
        default = inspect.Parameter.empty if field.required else field.default
        yield inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=_annotation(field)
        )


def _annotation(field: Field) -> Any:
    """The type of a field with its help, as the parser reads them."""
    kind: Any = field.type
    shown: dict[str, Any] = {"help": field.help}
    if tuple[str, ...] in (kind, *typing.get_args(kind)):
        kind = list[str] | None
        shown["consume_multiple"] = True  # several after the option, or the option several times
    if field.name in FLAGS:
        shown["negative"] = ""
    return Annotated[kind, Parameter(**shown)]


def _description(task: type[Options]) -> str:
    return inspect.cleandoc(task.__doc__ or "").split("\nArgs:\n")[0].strip()


def _train(options: Options, control: Control) -> Launch | None:
    options.check_paths()
    if not control.dry_run:
        check_output(control.output, control.resume, folds=is_cross_validation(options))
    launch = launch_of(control)
    if launch is not None:
        return launch
    what = "dry run, for which a data set may be downloaded"
    if not control.dry_run:
        what = f"output {control.output}"
    print(f"{options.task}: data {', '.join(options.sources())}, {what}", flush=True)
    keep_freed_memory()
    with quiet_stderr():
        import tensorflow_datasets

        from kerasrnn.datasets import notes_to
        from kerasrnn.tasks.start import dry_run, train
    if not sys.stderr.isatty():  # in a file, its bars are pages of fragments
        tensorflow_datasets.disable_progress_bar()
    with notes_to(sys.stdout):
        if control.dry_run:
            dry_run(options)
            return None
        with room_in(control.output):
            train(options, control.output, **_control_of(control))
    _say_what_is_there(options, control)
    return None


def _control_of(control: Control) -> dict[str, Any]:
    """What `tasks.train` takes of it."""
    names = ("resume", "tensorboard", "save_every", "strategy", "accumulate")
    return {name: getattr(control, name) for name in names}


def _say_what_is_there(options: Options, control: Control) -> None:
    print(f"{control.output} holds the model, its vocabularies and settings, metrics.json,")
    print("history.csv and pictures.")
    if is_cross_validation(options):
        print(f"{control.output}/{FOLDS} has the runs of the folds, whose figures it has.")
    print(f"Next: kerasrnn predict {control.output}   or")
    print(f"      kerasrnn export {control.output} saved_models/NAME")
