"""Parses the command line, runs the command, and turns errors into one sentence."""

from __future__ import annotations

import os
import sys
import typing
from collections.abc import Sequence

import cyclopts

import kerasrnn
from kerasrnn.checks import UserError
from kerasrnn.cli import language_models
from kerasrnn.cli.chat import chat
from kerasrnn.cli.checked import checked
from kerasrnn.cli.datasets import datasets
from kerasrnn.cli.evaluate import evaluate
from kerasrnn.cli.export import export
from kerasrnn.cli.failures import WRONG_INPUT, drop_output, failed, open_streams
from kerasrnn.cli.info import info
from kerasrnn.cli.launching import Launch, launched
from kerasrnn.cli.predict import predict
from kerasrnn.cli.quiet import LEVEL, restore_stderr
from kerasrnn.cli.recipes import drop_data_options, recipe_file
from kerasrnn.cli.rescore import rescore
from kerasrnn.cli.run_listing import runs
from kerasrnn.cli.serve import serve
from kerasrnn.cli.train import train_command
from kerasrnn.cli.train_help import train_epilogue
from kerasrnn.cli.vectors.neighbors import neighbors
from kerasrnn.files import CONFIG, read_config
from kerasrnn.tasks.registry import registered

__all__ = ["main"]

INTERRUPTED = 130
LONGEST_NUMBER = 40  # digits
DEBUG, TRAIN = "--debug", "train"
DEBUG_HELP = """`--debug`, anywhere on the command line, shows where an error comes from, and what
TensorFlow says."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: The words after `kerasrnn`; those of the process by default.

    Returns:
        The exit code: 0, 1 for a bug of this package, 2 for wrong input, 3 for a training that
        diverged, 75 for one that can go on with `--resume`, 130 after Ctrl-C.
    """
    words, debug = _without_debug(sys.argv[1:] if arguments is None else arguments)
    if debug:
        os.environ[LEVEL] = "0"
    os.environ.setdefault(LEVEL, "3")
    if not open_streams():
        return WRONG_INPUT
    try:
        done = _app(words)(words, exit_on_error=False, print_error=False)
        sys.stdout.flush()
        if isinstance(done, Launch):
            return launched(words, done)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        drop_output()
    except Exception as error:
        return failed(error, debug)
    finally:
        restore_stderr()
    return 0


def _without_debug(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """Takes `--debug` out of the words, which any command may have; behind -- it is a value."""
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    options = [word for word in words[:end] if word != DEBUG]
    return options + words[end:], len(options) < end


def _app(words: Sequence[str] = (TRAIN,)) -> cyclopts.App:
    app = cyclopts.App(
        name="kerasrnn",
        help="Recurrent sequence models: train, look at and serve them.",
        help_epilogue=DEBUG_HELP,
        version=kerasrnn.__version__,
        config=(_options_from_file, _whole_numbers),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    app.command(_train(tasks=TRAIN in words))
    for command in (predict, evaluate, export, chat, serve, datasets, runs, info):
        app.command(checked(command))
    for name in language_models.__all__:
        app.command(checked(getattr(language_models, name)))
    app.command(checked(rescore))
    app.command(checked(neighbors))
    return app


def _train(tasks: bool) -> cyclopts.App:
    """Makes the command, of which other commands and the list of all need no tasks."""
    train = cyclopts.App(name=TRAIN, help="Train a model into a folder.")
    if tasks:
        train.help_format, train.help_epilogue = "plaintext", train_epilogue()
        for name, entry in registered().items():
            command = train_command(entry.options)
            train.command(command, name=name, help_format="markdown", help_epilogue="")
    return train


def _options_from_file(app, words, arguments) -> None:
    """Takes the options that the command line leaves out from the YAML file of `--config`."""
    config = arguments.get("--config", None)
    if config is None or not config.tokens:
        return
    path = recipe_file(config.tokens[0].value)
    if not path or os.path.isdir(path):
        received = f"{path}, a folder" if path else "''"
        raise UserError(f"Expected a YAML file for --config. Received: {received}")
    options = cyclopts.config.Yaml(
        path, must_exist=True, search_parents=False, use_commands_as_keys=False
    )
    try:
        options.config  # noqa: B018 (reads the file)
    except (OSError, TypeError, ValueError, cyclopts.CycloptsError) as error:
        # Where the system refuses a file, cyclopts raises a TypeError over its reason.
        error = error.__context__ if isinstance(error.__context__, OSError) else error
        reason = " ".join(str(error).split())
        raise UserError(
            "Expected a YAML file, or the name of a recipe, for --config. "
            f"Received: {path} ({reason})"
        ) from None
    _drop_data_options(path, options.config, arguments)
    options(app, words, arguments)


def _drop_data_options(path: str, options, arguments) -> None:
    """Leaves out what a recipe says of its own data where the command line names others."""
    given = {name: arguments.get(f"--{name}", None) for name in ("data", "output", "resume")}
    given = {name: each.tokens[-1].value for name, each in given.items() if each and each.tokens}
    if not isinstance(options, dict) or "data" not in given:
        return
    recorded = {}
    if "resume" in given and os.path.isfile(os.path.join(given.get("output", ""), CONFIG)):
        recorded = read_config(given["output"]).get("settings", {})
    dropped = drop_data_options(options, given["data"], recorded)
    if dropped:
        print(f"{path}: without {', '.join(dropped)}, which belong to its own data", flush=True)


def _whole_numbers(app, words, arguments) -> None:
    """Refuses 2.7 for a whole number, which the parser would take for 3, and endless digits."""
    for argument in arguments:
        if int not in (argument.hint, *typing.get_args(argument.hint)):
            continue
        for token in argument.tokens:
            if "." in token.value or len(token.value) > LONGEST_NUMBER:
                shown = f"{token.value:.{LONGEST_NUMBER}}"
                raise UserError(f"Expected a whole number for {argument.name}. Received: {shown}")
