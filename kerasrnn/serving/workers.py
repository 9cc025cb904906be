"""The threads of a model, and how many requests may wait for them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from kerasrnn.serving.errors import RequestError

__all__ = ["Workers", "threads_ended"]

_NAME = "kerasrnn-serving"


class Workers:
    """A bounded number of threads with a bounded number of requests before them.

    Args:
        threads: Maximum number of predictions at a time, beside one that takes long.
        max_waiting: Maximum number of requests that were let in and not answered yet.
    """

    def __init__(self, threads: int, max_waiting: int):
        self._executors = {
            slow: concurrent.futures.ThreadPoolExecutor(1 if slow else threads, _NAME)
            for slow in (False, True)
        }
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

    async def run(self, function: Callable[..., Any], *arguments: Any, slow: bool = False) -> Any:
        """Calls a function in a thread; one that is cancelled before it has begun never begins.

        Args:
            function: What to call.
            arguments: Its positional arguments.
            slow: Whether it takes long, and waits for others that do.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executors[slow], function, *arguments)

    def close(self) -> None:
        """Begins nothing further; a thread ends when it is done with what it has begun."""
        for executor in self._executors.values():
            executor.shutdown(wait=False, cancel_futures=True)


def threads_ended(seconds: float) -> bool:
    """Whether all threads of workers that were closed have ended.

    Args:
        seconds: How long they may take.
    """
    threads = [each for each in threading.enumerate() if each.name.startswith(_NAME)]
    end = time.monotonic() + seconds
    for each in threads:
        each.join(max(0.0, end - time.monotonic()))
    return not any(each.is_alive() for each in threads)
