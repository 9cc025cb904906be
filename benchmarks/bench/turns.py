"""Turns of all rivals at the same work."""

from __future__ import annotations

import sys
import time
from typing import Any

from bench.processes import Processes
from bench.subjects import Subject

__all__ = ["measure"]


def measure(
    subject: Subject, processes: Processes, rounds: int, seconds: float
) -> dict[str, dict[str, Any]]:
    """Makes a subject for each rival, and lets all take turns.

    No two run at once. Another one begins in each round.

    Args:
        subject: What is compared.
        processes: Those of the libraries.
        rounds: How often each has its turn.
        seconds: About how long a turn is, at least one call.

    Returns:
        By rival: `first`, the seconds until all of it had run once, which is when graphs are
        traced and compiled; `tokens` by figure; `seconds` of a call by figure, one for each
        round; `said`, what calls told. Of one that was left out, `missing` or `failed`, with the
        reason.

    Raises:
        SystemExit: Where two rivals do not do the same number of tokens.
    """
    found: dict[str, dict[str, Any]] = {}
    tokens: dict[str, int] = {}
    calls: dict[tuple[str, str], int] = {}
    begin = time.perf_counter()
    for rival in subject.rivals:
        _show(subject, f"{rival} is made", begin)
        answer = processes.make(subject, rival)
        figures = answer.pop("figures", {})
        kept = {figure: [] for figure in figures}
        found[rival] = {**answer, "tokens": {}, "seconds": kept, "said": {}}
        for figure, (number, once) in figures.items():
            if tokens.setdefault(figure, number) != number:
                raise SystemExit(
                    f"{subject.name}: {rival} has {number} tokens, not {tokens[figure]}."
                )
            found[rival]["tokens"][figure] = number
            calls[rival, figure] = max(1, min(100, round(seconds / max(once, 1e-6))))
    names = [rival for rival, each in found.items() if each["seconds"]]
    rounds = min(rounds, subject.rounds or rounds)
    for turn in range(rounds):
        _show(subject, f"round {turn + 1} of {rounds}", begin)
        first = turn % max(1, len(names))
        for rival in names[first:] + names[:first]:
            for figure, values in found[rival]["seconds"].items():
                answer = processes.run(subject, rival, figure, calls[rival, figure])
                if "failed" in answer:
                    found[rival] = {**answer, "tokens": {}, "seconds": {}, "said": {}}
                    break
                values.append(answer["seconds"])
                found[rival]["said"] |= answer["said"]
    processes.forget()
    _show(subject, "", begin)
    return found


def _show(subject: Subject, what: str, begin: float) -> None:
    """Says what is being done, on a line that is written over where there is a screen."""
    taken = f"{time.perf_counter() - begin:4.0f} s"
    line = f"{subject.group}: {subject.name} · {what}"
    if sys.stderr.isatty():
        print(f"\r\x1b[K{taken} {line}" if what else "\r\x1b[K", end="", file=sys.stderr)
    elif not what:
        print(f"{taken} {subject.group}: {subject.name}", file=sys.stderr, flush=True)
