"""The process of a library: it waits for a line, does what that says, and answers with a line.

python -m bench.turn_taker [CORES]
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from typing import Any

from bench.subjects import Timed

# Without one of these a rival leaves a blank; without another one the process ends in an error.
OPTIONAL = ("jax", "jaxlib", "torch")


def seconds(call: Any) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


class TurnTaker:
    """What a process has made, by rival and figure."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Timed]] = {}

    def make(self, group: str, rival: str, sizes: dict[str, Any]) -> dict[str, Any]:
        begin = time.perf_counter()
        try:
            made = importlib.import_module(f"bench.{group}").make(rival, sizes)
        except ModuleNotFoundError as error:
            if error.name not in OPTIONAL:
                raise
            return {"missing": error.name}
        for timed in made.values():
            timed.call()
        first = time.perf_counter() - begin
        self.made[rival] = made
        figures = {name: [timed.tokens, seconds(timed.call)] for name, timed in made.items()}
        return {"first": first, "figures": figures}

    def run(self, rival: str, figure: str, repeats: int) -> dict[str, Any]:
        timed = self.made[rival][figure]
        timed.call()  # after another one: its data is not in the caches any more
        begin = time.perf_counter()
        for _ in range(repeats):
            timed.call()
        return {"seconds": (time.perf_counter() - begin) / repeats}

    def forget(self) -> dict[str, Any]:
        self.made.clear()
        if "keras" in sys.modules:
            sys.modules["keras"].utils.clear_session()
        gc.collect()
        return {}


def main() -> None:
    # What a library prints does not get between the answers.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        turn_taker = TurnTaker()
        for line in sys.stdin:
            ((action, words),) = json.loads(line).items()
            answer = getattr(turn_taker, action)(**words)
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    if len(sys.argv) > 1:  # before a library counts the cores
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])
    main()
