"""Waits for an answer as long as somebody wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from kerasrnn.serving.errors import RequestError

__all__ = ["in_time"]

Answer = TypeVar("Answer")


async def in_time(work: Awaitable[Answer], request: Request, seconds: float) -> Answer:
    """Waits for an answer, unless the client goes or it takes too long.

    Args:
        work: What gives the answer. It is cancelled where nobody waits for it any more: what it has
            not begun is never begun.
        request: Whose body was read.
        seconds: How long it may take.

    Raises:
        ClientDisconnect: Where the client has gone.
        RequestError: With 504 where it takes too long.
    """
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))]
    answer, gone = tasks
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        if gone.done():
            raise ClientDisconnect
        raise RequestError(
            f"Expected an answer within {seconds:g} seconds. Received: none; send fewer or shorter "
            "instances, or try again later",
            504,
        )
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
