"""Every option of every command, as the parser of the command line knows them.

`python -m tests.old_runs.command_options FOLDER` writes them into FOLDER/options.json, and what
`--help` says into FOLDER/help.
"""

import contextlib
import io
import json
import os
import pathlib
import sys
from collections.abc import Sequence

import cyclopts

from kerasrnn.cli.main import _app, main


def commands(app: cyclopts.App, words: tuple = ()) -> dict[tuple, cyclopts.App]:
    """Finds the commands below one, by the words that call them."""
    found = {words: app} if words and app.default_command else {}
    for name in app:
        if not name.startswith("-"):
            found |= commands(app[name], (*words, name))
    return found


def command_options() -> dict[str, dict[str, dict]]:
    """Returns by command and by option its default, whether it is required, and its choices."""
    return {" ".join(words): options(app) for words, app in commands(_app()).items()}


def options(app: cyclopts.App) -> dict[str, dict]:
    """Describes the options of one command; several names of one have a space between them."""
    found = {}
    for argument in app.assemble_argument_collection():
        if not argument.show:  # a group of options, which follow by themselves
            continue
        default = None if argument.required else argument.field_info.default
        found[" ".join(argument.names)] = {
            "default": list(default) if isinstance(default, tuple) else default,
            "required": argument.required,
            "choices": list(argument.get_choices() or ()),
        }
    return found


def helps() -> dict[str, str]:
    """Returns what `--help` says of each command, 80 columns wide."""
    found = {}
    for words in [(), ("train",), *commands(_app())]:
        found[" ".join(words) or "kerasrnn"] = help_of(words)
    return found


def help_of(words: Sequence[str]) -> str:
    """Returns what `--help` says of one command, 80 columns wide."""
    columns = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "80"
    try:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            main([*words, "--help"])
    finally:
        del os.environ["COLUMNS"]
        os.environ |= {} if columns is None else {"COLUMNS": columns}
    lines = (line.rstrip() for line in output.getvalue().splitlines())
    return "\n".join(lines).strip("\n") + "\n"


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    content = json.dumps(command_options(), indent=1, ensure_ascii=False) + "\n"
    (folder / "options.json").write_text(content, encoding="utf-8")
    (folder / "help").mkdir(exist_ok=True)
    for command, text in helps().items():
        path = folder / "help" / f"{command.replace(' ', '_')}.txt"
        path.write_text(text, encoding="utf-8")
