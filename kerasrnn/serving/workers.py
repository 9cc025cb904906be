"""The threads that predict, and how many requests may wait for them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from kerasrnn.serving.errors import RequestError

__all__ = ["Workers"]


class Workers:
    """A bounded number of threads with a bounded number of requests before them.

    Args:
        threads: Maximum number of predictions at a time.
        max_waiting: Maximum number of requests that were let in and not answered yet.
    """

    def __init__(self, threads: int, max_waiting: int):
        self._executor = concurrent.futures.ThreadPoolExecutor(threads, "kerasrnn-predict")
        self._max_waiting, self._waiting = max_waiting, 0

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Holds a place among the waiting.

        Raises:
            RequestError: With 503 where none is free.
        """
        if self._waiting >= self._max_waiting:
            raise RequestError(
                f"The server is busy: {self._waiting} requests wait already. Try again later", 503
            )
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls a function in a thread.

        Args:
            function: What to call.
            arguments: Its positional arguments.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, function, *arguments)

    def close(self) -> None:
        """Ends the threads when they have nothing left to do."""
        self._executor.shutdown()
