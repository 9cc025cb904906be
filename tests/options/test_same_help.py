"""The command line says of each option what it said before options were classes."""

import pathlib
import re

import pytest

from tests.old_runs.command_options import help_of

BEFORE = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "help"
# Options whose help was changed on purpose, by command; of all commands under "".
CHANGED = {"": {"--output"}}


def texts(shown):
    """By option what a help shown in a panel says of it, its lines joined."""
    lines = [line[2:-1] for line in shown.splitlines() if line.startswith("│")]
    names = (re.match(r"[* ]  --\S+(?: \S+)*\s{2,}(?=\S)", line) for line in lines)
    column = min(name.end() for name in names if name)
    found, name = {}, None
    for line in lines:
        left, right = line[:column].strip("* "), line[column:].strip()
        if left.startswith("--") and not line.startswith("     "):
            name = left.split()[0]
            found[name] = right
        else:  # the same option goes on
            found[name] += f" {right}"
    return {name: " ".join(text.split()) for name, text in found.items()}


@pytest.mark.parametrize("path", sorted(BEFORE.glob("*.txt")), ids=lambda path: path.stem)
def test_help_is_what_it_was(path):
    command = path.stem.replace("_", " ", 1)
    before, today = texts(path.read_text(encoding="utf-8")), texts(help_of(command.split()))
    changed = CHANGED[""] | CHANGED.get(command, set())
    assert len(before) > 15
    assert set(before) <= set(today)
    assert {name for name in before if before[name] != today[name]} <= changed
