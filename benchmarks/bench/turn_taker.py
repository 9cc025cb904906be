"""The process of a library: it waits for a line, does what that says, and answers with a line.

python -m bench.turn_taker [CORES]
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import statistics
import sys
import time
import traceback
from typing import Any

from bench.subjects import Timed

# Without one of these a rival leaves a blank; without another one it fails.
OPTIONAL = ("jax", "jaxlib", "torch")
LONG = 0.5  # seconds of a call that makes its caches warm itself


def seconds(call: Any) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


class TurnTaker:
    """What a process has made, by rival and figure, and the seconds of a call."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str], tuple[Timed, float]] = {}

    def make(self, group: str, rival: str, sizes: dict[str, Any]) -> dict[str, Any]:
        begin = time.perf_counter()
        try:
            made = importlib.import_module(f"bench.{group}").make(rival, sizes)
        except ModuleNotFoundError as error:
            if error.name not in OPTIONAL:
                raise
            return {"missing": error.name}
        warm = {name: timed for name, timed in made.items() if not timed.begins}
        for timed in warm.values():
            timed.call()
        first = time.perf_counter() - begin
        figures = {}
        for name, timed in made.items():
            once = seconds(timed.call) if name in warm else float("inf")
            self.made[rival, name] = timed, once
            figures[name] = [timed.tokens, once]
        return {"first": first, "figures": figures}

    def run(self, rival: str, figure: str, repeats: int) -> dict[str, Any]:
        timed, once = self.made[rival, figure]
        if once < LONG:
            timed.call()  # after another one: its data is not in the caches any more
        taken, said = [], None
        for _ in range(repeats):
            begin = time.perf_counter()
            said = timed.call()
            taken.append(time.perf_counter() - begin)
        # Throughput is that of all calls; of those that one waits for the usual one counts.
        value = statistics.mean(taken) if timed.tokens else statistics.median(taken)
        return {"seconds": value, "said": said if isinstance(said, dict) else {}}

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
            try:
                answer = getattr(turn_taker, action)(**words)
            except Exception as error:  # the other rivals go on
                traceback.print_exc()
                answer = {"failed": type(error).__name__}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    if len(sys.argv) > 1:  # before a library counts the cores
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])
    main()
