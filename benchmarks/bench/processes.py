"""Processes of the libraries, which wait until it is their turn."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import IO, Any

from bench.subjects import Subject, process

__all__ = ["Processes", "cores_here", "environment"]

ROOT = pathlib.Path(__file__).resolve().parents[2]
# No GPU. PyTorch's threads wait as they do by default: told to sleep, they halve its speed.
ALL = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"}
VARIABLES = {
    "tensorflow": {"KERAS_BACKEND": "tensorflow"},
    "jax": {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
    "torch": {},
}


def environment(library: str) -> dict[str, str]:
    """The variables of a process, which finds the package of this tree and this room."""
    paths = [str(ROOT), str(ROOT / "benchmarks"), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, paths))
    return {**os.environ, **ALL, **VARIABLES[library], "PYTHONPATH": path}


class Processes:
    """Processes by library and number of cores, each of which starts when it is first asked.

    Args:
        pythons: By library, the interpreter that has it; this one by default.
    """

    def __init__(self, pythons: Mapping[str, str] | None = None):
        self._pythons = dict(pythons or {})
        self._errors: dict[str, IO[str]] = {}
        self._running: dict[tuple[str, int | None], subprocess.Popen] = {}

    def python(self, library: str) -> str:
        return self._pythons.get(library, sys.executable)

    def make(self, subject: Subject, rival: str) -> dict[str, Any]:
        """Makes a subject, and runs it for the first time.

        Returns:
            `first`, the seconds that this took; `figures`, by name its tokens and the seconds of
            one more call. Or `missing`, the name of a library that is not installed; or `failed`,
            the name of an error.
        """
        words = {"group": subject.group, "rival": rival, "sizes": dict(subject.sizes)}
        return self._ask(rival, subject.cores, make=words)

    def run(self, subject: Subject, rival: str, figure: str, repeats: int) -> dict[str, Any]:
        """Runs some calls, after one that does not count.

        Returns:
            `seconds` of a call; `said`, what the last one returned where that is a dictionary. Or
            `failed`, as above.
        """
        words = {"rival": rival, "figure": figure, "repeats": repeats}
        return self._ask(rival, subject.cores, run=words)

    def forget(self) -> None:
        """Lets what was made go."""
        for each in list(self._running.values()):
            self._send(each, {"forget": {}})

    def end(self) -> None:
        for each in self._running.values():
            with contextlib.suppress(BrokenPipeError):
                each.communicate(timeout=60)
        self._running.clear()
        for each in self._errors.values():
            each.close()

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _ask(self, rival: str, cores: int | None, **request: Any) -> dict[str, Any]:
        library = process(rival)
        if (library, cores) not in self._running:
            self._running[library, cores] = self._start(library, cores)
        asked = self._running[library, cores]
        answer = self._send(asked, request)
        if "failed" in answer:
            if asked.poll() is not None:
                del self._running[library, cores]
            self._errors[library].seek(0)
            print("\n", *self._errors[library].readlines()[-30:], sep="", file=sys.stderr)
        return answer

    def _start(self, library: str, cores: int | None) -> subprocess.Popen:
        command = [self.python(library), "-m", "bench.turn_taker", *([str(cores)] if cores else [])]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._said(library)}
        return subprocess.Popen(command, env=environment(library), text=True, **pipes)

    def _said(self, library: str) -> IO[str]:
        """The file of what a process says, which is shown where it fails."""
        if library not in self._errors:
            self._errors[library] = tempfile.TemporaryFile("w+", encoding="utf-8")
        return self._errors[library]

    def _send(self, asked: subprocess.Popen, request: dict[str, Any]) -> dict[str, Any]:
        line = ""
        with contextlib.suppress(BrokenPipeError):
            asked.stdin.write(json.dumps(request) + "\n")
            asked.stdin.flush()
            line = asked.stdout.readline()
        return json.loads(line) if line else {"failed": f"exit code {asked.wait()}"}


def cores_here() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
