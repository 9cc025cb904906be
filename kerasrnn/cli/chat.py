"""`kerasrnn chat`: talks to a run that was trained on dialogues."""

from __future__ import annotations

import sys

from kerasrnn.checks import UserError
from kerasrnn.cli.quiet import quiet_stderr

__all__ = ["chat"]


def chat(run: str, /, *, turns: int | None = None) -> None:
    """Talk to a trained run: a turn in, an answer out; an empty line begins a new dialogue.

    Args:
        run: Folder of a run of `kerasrnn train translate` on pairs of a turn and its answer.
        turns: How many of the last turns it is told; as in its training by default.
    """
    with quiet_stderr():
        from kerasrnn.datasets import joined_turns
        from kerasrnn.tasks import Translator, load
    task = load(run)
    if not isinstance(task, Translator):
        raise UserError(f"Expected a run of `kerasrnn train translate`. Received: {task.name!r}")
    turns = turns or task.settings.get("turns") or 1
    if turns < 1:
        raise UserError(f"Expected `turns` of at least 1. Received: {turns}")
    at_terminal = sys.stdin.isatty()
    said: list[str] = []
    while True:
        if at_terminal:
            print("> ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            break
        turn = line.rstrip("\r\n")
        if not turn:
            said.clear()
            continue
        said.append(turn)
        (answer,) = task.predict([joined_turns(said, turns)])
        said.append(answer)
        print(" ".join(answer.splitlines()), flush=True)
