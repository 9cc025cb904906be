"""A server that a benchmark asks, as a user starts it."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def server(
    directory: str | os.PathLike[str], *options: str
) -> Iterator[tuple[subprocess.Popen, int]]:
    """Runs `kerasrnn serve` at a free port of this machine; gives its process and the port."""
    command = [sys.executable, "-m", "kerasrnn", "serve", str(directory), "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        match = None
        while match is None:
            line = process.stdout.readline()
            if not line:
                raise SystemExit("The server did not start.")
            match = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        yield process, int(match[1])
    finally:
        process.terminate()
        process.communicate(timeout=60)
