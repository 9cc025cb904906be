"""Connections that wait neither for a request nor for a reader without end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["connection_class"]


class Connection(H11Protocol):
    """A connection of uvicorn that ends where its client leaves it waiting.

    uvicorn itself waits for the rest of a request as long as a byte comes now and then, and for
    ever where none does. How long a body may take that somebody reads is up to the application, see
    `bodies.read_body`.

    Args:
        arguments: Those of uvicorn.
        named: As well.

    Attributes:
        seconds: How long the head of a request may take, the rest of a body that nobody reads, and
            each part of an answer that the client is to read.
    """

    seconds: float = 20.0

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def connection_made(self, transport: Any) -> None:
        """Begins to wait for a request."""
        super().connection_made(transport)
        self._wait("client", self._end)

    def data_received(self, data: bytes) -> None:
        """Takes what the client sends."""
        super().data_received(data)
        if self._is_clients_turn():
            self._wait("client", self._end)
        else:
            self._stop_waiting("client")

    def pause_writing(self) -> None:
        """Begins to wait for the client to read."""
        super().pause_writing()
        self._wait("reader", self.transport.abort)

    def resume_writing(self) -> None:
        """Goes on with the answer."""
        super().resume_writing()
        self._stop_waiting("reader")

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        super().connection_lost(exc)
        for name in [*self._timers]:
            self._stop_waiting(name)

    def _is_clients_turn(self) -> bool:
        """Whether part of a head is there, or of a body whose request is answered already."""
        answered = self.cycle is not None and self.cycle.response_complete
        state = self.conn.their_state
        return state is h11.IDLE or (state is h11.SEND_BODY and answered)

    def _wait(self, name: str, end: Any) -> None:
        if name not in self._timers:  # a byte now and then gives no more time
            self._timers[name] = self.loop.call_later(self.seconds, end)

    def _stop_waiting(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _end(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self.transport.write(_late(self.seconds))
        self.transport.close()


def connection_class(seconds: float) -> type[H11Protocol]:
    """Makes what uvicorn takes for `http`.

    Args:
        seconds: See `Connection`.
    """
    return type("Connection", (Connection,), {"seconds": seconds})


def _late(seconds: float) -> bytes:
    reason = f"Expected the head of the request within {seconds:g} seconds. Received: part of it"
    body = json.dumps({"error": reason})
    return (
        "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n{body}"
    ).encode("ascii")
