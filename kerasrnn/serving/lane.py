"""A queue of requests for one signature, which are joined while the ones before them run."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasrnn.serving.joining import padded_size

__all__ = ["MAX_TOKENS", "Lane", "Turns"]

# A few long rows among many short ones would be mostly padding.
MAX_ELEMENTS = 2**20
# What a batch may have, padding counted, so that the next one soon has its turn.
MAX_TOKENS = 2**14

Arrays = dict[str, np.ndarray]


@dataclasses.dataclass
class Turns:
    """What all lanes of a server know of each other.

    Attributes:
        short: Number of requests for short rows, of any model, that are not answered yet.
    """

    short: int = 0


@dataclasses.dataclass(eq=False)
class _Request:
    inputs: Arrays
    tokens: int  # of the longest row
    answer: asyncio.Future

    @property
    def rows(self) -> int:
        return len(next(iter(self.inputs.values())))


class Lane:
    """Runs one batch at a time.

    Requests that come meanwhile wait and form the next one, so that a single request never waits
    for others and batches grow with the load.

    Args:
        run: Computes the outputs or the exception of each of several requests, in a thread.
        turns: Shared by all lanes.
        slow: Whether its batches take long: then it leaves two thirds of the time to the others.
        pads: Whether requests of different widths may be joined, with padding.
        max_rows: Maximum number of rows of a batch of several requests.
        wait: Seconds that a batch with room left waits for further requests.
    """

    def __init__(
        self,
        run: Callable[..., Any],
        turns: Turns,
        *,
        slow: bool,
        pads: bool,
        max_rows: int,
        wait: float,
    ):
        self._run, self._turns, self._slow, self._pads = run, turns, slow, pads
        self._max_rows, self._wait = max_rows, wait
        self._queue: collections.deque[_Request] = collections.deque()
        self._task: asyncio.Task | None = None

    async def answer(self, inputs: Arrays, tokens: int) -> Arrays:
        """Returns the outputs for one request, in the order of its rows.

        One that is cancelled before it has begun is never begun.

        Args:
            inputs: An array for each input.
            tokens: Tokens of the longest row.
        """
        request = _Request(inputs, tokens, asyncio.get_running_loop().create_future())
        self._queue.append(request)
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        self._turns.short += not self._slow
        try:
            return await request.answer
        finally:
            self._turns.short -= not self._slow

    async def _work(self) -> None:
        try:
            while self._queue:
                if self._wait and sum(each.rows for each in self._queue) < self._max_rows:
                    await asyncio.sleep(self._wait)
                batch = self._take()
                if not batch:
                    continue
                begin = time.perf_counter()
                try:
                    answers = await self._run([each.inputs for each in batch])
                except Exception as error:  # such as threads that cannot start: nobody hangs
                    answers = [error] * len(batch)
                for request, answer in zip(batch, answers, strict=True):
                    if request.answer.done():  # its client has gone
                        continue
                    if isinstance(answer, BaseException):
                        request.answer.set_exception(answer)
                    else:
                        request.answer.set_result(answer)
                if self._slow and self._turns.short:
                    await asyncio.sleep(2 * (time.perf_counter() - begin))
        finally:
            self._task = None

    def _take(self) -> list[_Request]:
        """Takes as many requests from the head of the queue as go together."""
        batch: list[_Request] = []
        while self._queue:
            if self._queue[0].answer.done():  # its client has gone
                self._queue.popleft()
            elif batch and not self._fits(self._queue[0], batch):
                break
            else:
                batch.append(self._queue.popleft())
        return batch

    def _fits(self, candidate: _Request, batch: Sequence[_Request]) -> bool:
        together = [*batch, candidate]
        rows = sum(each.rows for each in together)
        if rows > self._max_rows or rows * max(each.tokens for each in together) > MAX_TOKENS:
            return False
        if all(array.ndim == 1 for array in candidate.inputs.values()):
            return True
        if not self._pads:
            return all(
                array.shape[1:] == batch[0].inputs[name].shape[1:]
                for name, array in candidate.inputs.items()
            )
        return padded_size([each.inputs for each in together]) <= MAX_ELEMENTS
