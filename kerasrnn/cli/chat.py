"""`kerasrnn chat`: talks to a run that was trained on dialogues."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from kerasrnn.cli.one_line import one_line
from kerasrnn.cli.quiet import quiet_stderr, say
from kerasrnn.files import check_run, decoded_lines
from kerasrnn.options.ranges import Count

__all__ = ["chat"]


def chat(run: str, /, *, turns: Count | None = None) -> None:
    """Talk to a trained run: a turn in, an answer out; an empty line begins a new dialogue.

    Args:
        run: Folder of a run of `kerasrnn train translate` on pairs of a turn and its answer.
        turns: Number of last turns that the model reads; as in the training by default.
    """
    check_run(run, "translate")
    say(f"Loading {run}; an empty line begins a new dialogue, Ctrl-D ends it.")
    with quiet_stderr():
        from kerasrnn.datasets import joined_turns
        from kerasrnn.tasks import load
    task = load(run)
    number: int = turns or task.options.turns or 1
    said: list[str] = []
    for turn in _turns():
        if not turn:
            said.clear()
            continue
        said.append(turn)
        (answer,) = task.predict([joined_turns(said, number)])
        said.append(answer)
        print(one_line(answer), flush=True)


def _turns() -> Iterator[str]:
    """Reads what is typed, or comes through a pipe, as `predict` reads its lines."""
    at_terminal = sys.stdin.isatty()
    lines = decoded_lines(sys.stdin.buffer, "standard input", sys.stdin.encoding or "utf-8")
    while True:
        if at_terminal:
            print("> ", end="", flush=True)
        line = next(lines, None)
        if line is None:
            return
        yield line.rstrip("\r\n")
