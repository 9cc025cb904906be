"""Which names a server answers to, and the pages of which sites may ask it."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from kerasrnn.serving.rest import error_body, json_response

__all__ = ["Hosts", "is_local"]


class Hosts:
    """Refuses requests that were sent to another host name, and those of other sites' pages.

    A web site can have its own name point at 127.0.0.1; its scripts could then read what a server
    on the visitor's machine answers. Without that trick they cannot read, but they can send, a form
    or a text at least, and so keep the server busy.

    Args:
        app: The application that answers the others.
        allowed: Names that are answered beside those of this machine, and whose pages may ask;
            `None` for any name.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str] | None = ()):
        self._app = app
        self._allowed = None if allowed is None else {_plain(name) for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers or passes on one request.

        Args:
            scope: What ASGI says of it.
            receive: Gives its body.
            send: Takes the answer.
        """
        if scope["type"] == "http":
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            reason = self._refusal(headers.get(b"host", "localhost"), headers.get(b"origin"))
            if reason:
                await json_response(error_body(reason), 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, host: str, origin: str | None) -> str | None:
        name = _plain(re.sub(r":\d*$", "", host))
        if self._allowed is not None and not is_local(name) and name not in self._allowed:
            return (
                "Expected a request to localhost, or to a name that --allow-host allows. "
                f"Received: {name[:100]}"
            )
        if origin is None or origin.partition("://")[2].lower() == host.lower():
            return None
        if self._allowed and _site(origin) in self._allowed:  # behind a proxy with another name
            return None
        return (
            "Expected a request of a program, or of a page of this server. "
            f"Received: one of {origin[:100]}"
        )


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
        return _plain(host) == "localhost"


def _plain(name: str) -> str:
    return name.strip("[]").lower().rstrip(".")


def _site(origin: str) -> str | None:
    """The name of a site; another port is another program, and this machine has many."""
    try:
        parts = urllib.parse.urlsplit(origin)
        name = parts.hostname if parts.port is None else None
    except ValueError:
        return None
    return None if name is None or is_local(name) else _plain(name)
