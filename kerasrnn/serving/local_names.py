"""A server that only this machine may use answers only to the names of this machine."""

from __future__ import annotations

import ipaddress
import re

from starlette.types import ASGIApp, Receive, Scope, Send

from kerasrnn.serving.rest import error_body, json_response

__all__ = ["LocalNames", "is_local"]


class LocalNames:
    """Refuses requests that were sent to another host name.

    A web site can have its own name point at 127.0.0.1; without this, its scripts could then read
    what a server on the visitor's machine answers.

    Args:
        app: The application that answers the others.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers or passes on one request.

        Args:
            scope: What ASGI says of it.
            receive: Gives its body.
            send: Takes the answer.
        """
        if scope["type"] == "http":
            host = dict(scope["headers"]).get(b"host", b"localhost").decode("latin-1")
            name = re.sub(r":\d*$", "", host).strip("[]")
            if not is_local(name):
                message = f"Expected a request to localhost. Received: {name[:100]}"
                await json_response(error_body(message), 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_local(host: str) -> bool:
    """Whether a name can only mean this machine.

    Args:
        host: A name or an address.

    Example:
        >>> is_local("127.0.0.1"), is_local("localhost"), is_local("example.org")
        (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
