"""Runs the server in this process until it is told to stop."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
from collections.abc import Collection, Mapping

import tensorflow as tf
import uvicorn
from starlette.applications import Starlette

from kerasrnn.checks import UserError, check_integer
from kerasrnn.serving.app import create_app
from kerasrnn.serving.clients.connections import connection_class
from kerasrnn.serving.clients.hosts import is_local
from kerasrnn.serving.folders import find_models
from kerasrnn.serving.settings import Settings
from kerasrnn.serving.workers import threads_ended

__all__ = ["run"]

# How long the end waits for requests, in seconds; orchestrators kill a process some time later.
GRACE = 5
_TURNS = 8


def run(
    directory: str | os.PathLike[str],
    *,
    host: str = "127.0.0.1",
    port: int = 8501,
    settings: Settings | None = None,
    all_versions: bool = False,
    labels: Mapping[str, Mapping[str, int]] | None = None,
    allowed_hosts: Collection[str] = (),
    access_log: bool = False,
) -> bool:
    """Serves a folder of models until SIGINT or SIGTERM.

    It prints a line for each version, and the address. When it is told to end, it takes no further
    requests, has five seconds to answer those that it has, and refuses the others.

    Args:
        directory: Folder of models, or of the versions of one model.
        host: Address to listen on; only this machine can reach the default.
        port: Port to listen on; 0 takes a free one.
        settings: The limits.
        all_versions: Whether all versions are served, rather than the newest of each model.
        labels: For model names the version of each label.
        allowed_hosts: Names under which it is reached beside `host` and those of this machine. An
            address of this machine alone answers to no others; another address answers to any name
            where none is given.
        access_log: Whether a line is printed for each request.

    Returns:
        Whether all threads have ended. Nothing stops TensorFlow: where a thread is left that
        computes for nobody, the interpreter would wait for it.

    Raises:
        ValueError: Where there is no model in the folder, or the address cannot be listened on.
    """
    found = find_models(pathlib.Path(directory))
    if not found:
        raise UserError(
            "Expected a folder with MODEL/VERSION/saved_model.pb or VERSION/saved_model.pb. "
            f"Received: {directory}"
        )
    unknown = sorted(set(labels or {}) - set(found))
    if unknown:
        raise UserError(
            f"Expected labels of the models {', '.join(found)}. Received: {', '.join(unknown)}"
        )
    settings = settings or Settings()
    _take_turns()
    listener = _listener(host, port)
    with listener:
        address = f"[{host}]" if ":" in host else host
        address = f"http://{address}:{listener.getsockname()[1]}"
        names = {host, *allowed_hosts} if allowed_hosts or is_local(host) else None
        app = create_app(
            directory,
            settings,
            all_versions=all_versions,
            labels=labels,
            allowed_hosts=names,
            report=_say,
            access_log=_say if access_log else None,
        )
        config = uvicorn.Config(
            app,
            http=connection_class(settings.read_timeout),
            log_level="warning",
            access_log=False,
            lifespan="on",
            ws="none",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE,
            server_header=False,
        )
        _Server(config, app, address, is_local(host)).run([listener])
    return threads_ended(0.5)


class _Server(uvicorn.Server):
    """Says where it listens, and ends as asked instead of with the signal that asked."""

    def __init__(self, config: uvicorn.Config, app: Starlette, address: str, loopback: bool):
        super().__init__(config)
        self._app, self._address, self._loopback = app, address, loopback

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        if self.should_exit:
            return
        if not self._loopback:
            _say("Warning: any machine that reaches it can use the models.")
        _say(f"Serving at {self._address} (Ctrl-C ends it)")

    def handle_exit(self, sig, frame) -> None:
        # A second signal changes nothing, for the end is near as it is.
        self.should_exit = True
        self._app.state.models.stop()

    @contextlib.contextmanager
    def capture_signals(self):
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _take_turns() -> None:
    """Gives TensorFlow threads enough for several models.

    A loop over a long text keeps one of them until its end, in either direction, and there are as
    many as cores: two such loops would make all other models wait. With more of them the system
    divides the cores.
    """
    with contextlib.suppress(RuntimeError):  # where it has run already in this process
        tf.config.threading.set_inter_op_parallelism_threads(max(_TURNS, os.cpu_count() or 1))


def _listener(host: str, port: int) -> socket.socket:
    check_integer("port", port, least=0, most=2**16 - 1)  # the resolver would cut a greater one
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
        except BaseException:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"Expected an address that can be listened on. Received: {host}, port {port} ({reason})"
        ) from None
    return listener


def _say(sentence: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # whoever read it may go; the server stays
        print(sentence, flush=True)
