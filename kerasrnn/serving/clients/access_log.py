"""A line for each request: when, who, what, the status and how long it took."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["AccessLog"]


class AccessLog:
    """Writes a line for each request when it is answered, or its client has gone.

    Args:
        app: The application that answers.
        write: Called with each line.
    """

    def __init__(self, app: ASGIApp, write: Callable[[str], None]):
        self._app, self._write = app, write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on one request.

        Args:
            scope: What ASGI says of it.
            receive: Gives its body.
            send: Takes the answer.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, begin = "-", time.perf_counter()

        async def noted(message):
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            took = (time.perf_counter() - begin) * 1e3
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            client = (scope.get("client") or ["-"])[0]
            # As it was sent, percent signs included: nobody writes lines of their own here.
            path = (scope.get("raw_path") or b"-").decode("ascii", "replace")
            self._write(f"{now} {client} {scope['method']} {path} {status} {took:.0f} ms")
