"""`kerasrnn train … --workers N`: the same command in several processes of this machine."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import IO

from kerasrnn.checks import UserError
from kerasrnn.options.control import Control

__all__ = ["Launch", "launch_of", "launched"]

LOST = 75  # of a worker without the others, which can go on with them
RESTARTS = 3
# What a worker gets that does not end by itself, as one that waits for a dead one.
SECONDS_TO_END = 10.0
LOOPBACK = "127.0.0.1"


@dataclasses.dataclass(frozen=True)
class Launch:
    """What the command line has to start.

    Attributes:
        workers: The number of processes.
    """

    workers: int


def launch_of(control: Control) -> Launch | None:
    """Returns what a command has to start; `None` where it does its work itself.

    Raises:
        UserError: For options that do not go with several processes.
    """
    if control.workers == 1 or control.dry_run:
        return None
    if control.strategy == "mirrored" or os.environ.get("TF_CONFIG"):
        received = "--strategy mirrored" if control.strategy else "TF_CONFIG, which names them"
        raise UserError(
            f"Expected --workers for processes that this command starts. Received: {received}"
        )
    return Launch(control.workers)


def launched(words: Sequence[str], launch: Launch) -> int:
    """Starts the workers, and starts all of them again when one dies.

    Args:
        words: The words of the command.
        launch: How many to start.

    Returns:
        The exit code.
    """
    words = _replaced(words, "--strategy", "multi-worker")
    words = _replaced(words, "--workers", "1")  # whatever the file of --config says
    code: int | None = None
    for number in range(RESTARTS + 1):
        with _Workers(words, launch.workers) as workers:
            code = workers.wait()
        if workers.asked or code not in (None, LOST):
            break
        if number < RESTARTS:
            print(
                "kerasrnn: a worker has died; all go on from what was saved last.", file=sys.stderr
            )
            said = ("--resume", "--no-resume")
            words = [*(word for word in words if word not in said), "--resume"]
    return LOST if code is None else code


def _replaced(words: Sequence[str], option: str, value: str) -> list[str]:
    """Gives an option another value, whether it was said or not."""
    kept, given = [], iter(words)
    for word in given:
        if word == option:
            next(given, None)
        elif not word.startswith(f"{option}="):
            kept.append(word)
    return [*kept, option, value]


class _Workers:
    """The processes of one start."""

    def __init__(self, words: Sequence[str], number: int):
        self.asked = False
        self._stack = contextlib.ExitStack()
        self._said: list[IO[bytes]] = []
        self._processes: list[subprocess.Popen] = []
        self._words, self._number = words, number

    def __enter__(self) -> _Workers:
        before = signal.signal(signal.SIGTERM, self._stop)
        self._stack.callback(signal.signal, signal.SIGTERM, before)
        hosts = list(_free_addresses(self._number))
        cores = sorted(_cores())
        for index in range(self._number):
            said = self._stack.enter_context(tempfile.TemporaryFile())
            self._said.append(said)
            part = cores[index :: self._number] or cores
            self._processes.append(self._start(index, hosts, part, said))
        return self

    def _start(
        self, index: int, hosts: list[str], cores: list[int], said: IO[bytes]
    ) -> subprocess.Popen:
        cluster = {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": index}}

        def pin() -> None:  # before TensorFlow counts the cores
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, cores)

        return subprocess.Popen(
            [sys.executable, "-m", "kerasrnn", *self._words],
            env={**os.environ, "TF_CONFIG": json.dumps(cluster)},
            stdout=None if index == 0 else subprocess.DEVNULL,
            stderr=None if index == 0 else said,
            preexec_fn=pin,
        )

    def wait(self) -> int | None:
        """Waits for the end; returns the exit code, `None` where a process was killed."""
        codes: list[int | None] = [None] * self._number
        while None in codes and not any(codes):
            time.sleep(0.1)
            codes = [each.poll() for each in self._processes]
        self._end()
        ended = [each.wait() for each in self._processes]
        if not any(ended):
            return 0
        first = [code for code in ended if code > 0 and code != LOST]
        if first and ended[0] != first[0]:
            self._show(ended.index(first[0]))
        return first[0] if first else LOST if LOST in ended else None

    def _show(self, index: int) -> None:
        """Shows what a worker said that nobody has heard."""
        self._said[index].seek(0)
        sys.stderr.write(self._said[index].read().decode("utf-8", "replace"))

    def _end(self) -> None:
        """Ends those that are left, once one has failed."""
        for each in self._processes:
            if any(other.returncode for other in self._processes) and each.poll() is None:
                each.terminate()
        until = time.monotonic() + SECONDS_TO_END
        for each in self._processes:
            try:
                each.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait()

    def _stop(self, number: int, frame: object) -> None:
        self.asked = True
        for each in self._processes:
            each.terminate()

    def __exit__(self, *error: object) -> None:
        self._end()
        self._stack.close()


def _free_addresses(number: int) -> Iterator[str]:
    """Gives ports of this machine that nothing listens to."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        found = [f"{LOOPBACK}:{each.getsockname()[1]}" for each in sockets]
    yield from found


def _cores() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))
