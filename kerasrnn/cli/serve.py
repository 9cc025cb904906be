"""`kerasrnn serve`: exports behind TensorFlow Serving's REST interface, for development."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator

from kerasrnn.checks import UserError
from kerasrnn.cli.quiet import quiet_stderr, say
from kerasrnn.options.ranges import Count, Megabytes, NonNegative, Port, Positive

__all__ = ["serve"]


def serve(
    directory: str,
    /,
    *,
    host: str = "127.0.0.1",
    port: Port = 8501,
    all_versions: bool = False,
    label: list[str] | None = None,
    allow_host: list[str] | None = None,
    max_batch: Count = 64,
    batch_wait: NonNegative = 0.0,
    max_body: Megabytes = 16,
    max_instances: Count = 131072,
    max_tokens: Count = 2048,
    timeout: Positive = 120.0,
    read_timeout: Positive = 20.0,
    access_log: bool = False,
) -> None:
    """Serve exports on this machine, with a page at the same address to try them.

    New versions are picked up while it runs.

    Args:
        directory: Folder of exports, such as saved_models.
        host: Address to listen on; only this machine reaches the default.
        port: Port to listen on; 0 for any free one.
        all_versions: Serve every version, not just the newest of each model.
        label: NAME:LABEL=VERSION, such as dates:stable=1; may be given several times.
        allow_host: Name under which browsers and programs reach it beside localhost, such as
            models.example.org; may be given several times.
        max_batch: Maximum number of rows of a batch that joins requests.
        batch_wait: Milliseconds that a batch with room left waits for further requests.
        max_body: Maximum size of a request, in MiB.
        max_instances: Maximum number of instances of a request.
        max_tokens: Maximum number of tokens of an instance: characters, words and signs, or steps,
            as the model reads them.
        timeout: Seconds that an answer may take.
        read_timeout: Seconds in which a client has to send the head of a request and to begin its
            body, and to read a part of the answer.
        access_log: Print a line for each request.
    """
    labels, hosts = _labels(label or []), _hosts(allow_host or [])
    missing = [name for name in ("starlette", "uvicorn") if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            'Expected the packages of the server: pip install "kerasrnn[serve]". '
            f"Received: no {' and no '.join(missing)}"
        )
    if not os.path.isdir(directory):
        raise UserError(
            f"Expected a folder with MODEL/VERSION/saved_model.pb. Received: {directory}"
        )
    say(f"Loading the exports in {directory}")
    with quiet_stderr(), _ended_by_ctrl_c():
        from kerasrnn.serving import Settings, run
    settings = Settings(
        max_body=max_body * 2**20,
        max_instances=max_instances,
        max_tokens=max_tokens,
        timeout=timeout,
        max_batch=max_batch,
        batch_wait=batch_wait / 1e3,
        read_timeout=read_timeout,
    )
    ended = run(
        directory,
        host=host,
        port=port,
        settings=settings,
        all_versions=all_versions,
        labels=labels,
        allowed_hosts=hosts,
        access_log=access_log,
    )
    if not ended:  # and the interpreter would wait for what nobody wants any more
        sys.stdout.flush()
        os._exit(0)


@contextlib.contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """Ends the process at Ctrl-C, without an exception.

    TensorFlow's import swallows one now and then, and there is nothing to save.
    """

    def end(number, frame):
        print("\nInterrupted.", file=sys.stderr, flush=True)
        os._exit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _labels(words: list[str]) -> dict[str, dict[str, int]]:
    """Reads NAME:LABEL=VERSION."""
    labels: dict[str, dict[str, int]] = {}
    for word in words:
        match = re.fullmatch(r"([^:/]+):([^:/=]+)=(\d{1,18})", word, re.A)
        if match is None:
            raise UserError(f"Expected --label NAME:LABEL=VERSION. Received: {word!r}")
        name, label, version = match.groups()
        labels.setdefault(name, {})[label] = int(version)
    return labels


def _hosts(words: list[str]) -> list[str]:
    """Reads names, without the scheme and the port, which are no part of them."""
    for word in words:
        if re.fullmatch(r"[\w.-]+|\[?[\da-fA-F:.]+\]?", word, re.A) is None:
            raise UserError(f"Expected --allow-host NAME. Received: {word!r}")
    return words
