"""Requests for one signature, joined while the ones before them run."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.serving.joining import join, padded_size, split, trim
from kerasrnn.serving.workers import Workers

__all__ = ["Batcher"]

# A few long rows among many short ones would be mostly padding.
MAX_ELEMENTS = 2**20


@dataclasses.dataclass(eq=False)
class _Request:
    inputs: dict[str, np.ndarray]
    answer: asyncio.Future

    @property
    def rows(self) -> int:
        return len(next(iter(self.inputs.values())))


class Batcher:
    """Answers requests for one signature of one version, several at once where that is possible.

    One batch runs at a time. Requests that come meanwhile wait and form the next one, so that a
    single request never waits for others and batches grow with the load.

    Args:
        run: Computes the outputs from the inputs, in a thread.
        workers: The threads.
        joins: Whether requests may be joined at all.
        pads: Whether requests of different widths may be joined, with padding.
        lengths: Which output holds the lengths of each output's rows, see `joining.trim`.
        max_rows: Maximum number of rows of a batch of several requests.
        wait: Seconds that a batch with room left waits for further requests.
    """

    def __init__(
        self,
        run: Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]],
        workers: Workers,
        *,
        joins: bool,
        pads: bool = False,
        lengths: Mapping[str, Sequence[str | None]] | None = None,
        max_rows: int = 64,
        wait: float = 0.0,
    ):
        self._run, self._workers = run, workers
        self._joins, self._pads, self._lengths = joins, pads, lengths or {}
        self._max_rows, self._wait = max_rows, wait
        self._queue: collections.deque[_Request] = collections.deque()
        self._task: asyncio.Task | None = None

    async def answer(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Returns the outputs for one request, in the order of its rows.

        Args:
            inputs: An array for each input.

        Raises:
            RequestError: Where the model refuses the values, or too many requests wait.
        """
        with self._workers.place():
            if not self._can_join(inputs):
                return await self._workers.run(self._alone, inputs)
            request = _Request(inputs, asyncio.get_running_loop().create_future())
            self._queue.append(request)
            if self._task is None:
                self._task = asyncio.create_task(self._work())
            return await request.answer

    def _can_join(self, inputs: Mapping[str, Any]) -> bool:
        sizes = {len(array) if array.ndim else None for array in inputs.values()}
        return self._joins and len(sizes) == 1 and None not in sizes and 0 not in sizes

    async def _work(self) -> None:
        try:
            while self._queue:
                if self._wait and sum(each.rows for each in self._queue) < self._max_rows:
                    await asyncio.sleep(self._wait)
                batch = self._take()
                try:
                    inputs = [each.inputs for each in batch]
                    answers = await self._workers.run(self._answers, inputs)
                except Exception as error:  # such as threads that cannot start: nobody hangs
                    answers = [error] * len(batch)
                for request, answer in zip(batch, answers, strict=True):
                    if request.answer.done():  # its client has gone
                        continue
                    if isinstance(answer, BaseException):
                        request.answer.set_exception(answer)
                    else:
                        request.answer.set_result(answer)
        finally:
            self._task = None

    def _take(self) -> list[_Request]:
        """Takes as many requests from the head of the queue as go together."""
        batch = [self._queue.popleft()]
        rows = batch[0].rows
        while self._queue:
            candidate = self._queue[0]
            rows += candidate.rows
            if rows > self._max_rows or not self._fits(candidate, batch):
                break
            batch.append(self._queue.popleft())
        return batch

    def _fits(self, candidate: _Request, batch: list[_Request]) -> bool:
        if all(array.ndim == 1 for array in candidate.inputs.values()):
            return True
        if not self._pads:
            return all(
                array.shape[1:] == batch[0].inputs[name].shape[1:]
                for name, array in candidate.inputs.items()
            )
        return padded_size([each.inputs for each in [*batch, candidate]]) <= MAX_ELEMENTS

    def _answers(self, requests: Sequence[dict]) -> list[Any]:
        """Outputs or the exception of each request; runs in a thread."""
        if len(requests) > 1:
            try:
                return self._together(requests)
            except Exception:  # of one of them: each is told its own
                pass
        answers = []
        for request in requests:
            try:
                answers.append(self._alone(request))
            except Exception as error:
                answers.append(error)
        return answers

    def _together(self, requests: Sequence[dict]) -> list[dict[str, Any]]:
        sizes = [len(next(iter(request.values()))) for request in requests]
        outputs = self._run(join(requests))
        try:
            shares = split(outputs, sizes)
        except ValueError:  # outputs without rows, which only an answer shows
            self._joins = False
            raise
        return [trim(share, self._lengths) for share in shares]

    def _alone(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return trim(self._run(request), self._lengths)
