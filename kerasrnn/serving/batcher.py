"""Answers requests for one signature of one version: joined where they are small, cut where not."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.serving.joining import join, split, trim
from kerasrnn.serving.lane import MAX_TOKENS, Lane, Turns
from kerasrnn.serving.workers import Workers

__all__ = ["Batcher"]

# More rows of one request are not computed at once, whatever they leave of the memory.
MAX_ROWS = 256
# Rows with more tokens keep a thread for long: those of few do not wait behind them.
SHORT = 256


class Batcher:
    """Answers requests for one signature of one version, several at once where that is possible.

    Long rows, and requests that are cut into many batches, have a queue and a thread of their own.

    Args:
        run: Computes the outputs from the inputs, in a thread.
        workers: The threads.
        joins: Whether a request may be joined with others, or cut.
        pads: Whether requests of different widths may be joined, with padding.
        lengths: Which output holds the lengths of each output's rows, see `joining.trim`.
        max_rows: Maximum number of rows of a batch of several requests.
        wait: Seconds that a batch with room left waits for further requests.
        turns: Shared by all models.
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
        turns: Turns | None = None,
    ):
        self._run, self._workers = run, workers
        self._joins, self._lengths = joins, lengths or {}
        self._max_rows, self._most = max_rows, max(max_rows, MAX_ROWS)
        turns = Turns() if turns is None else turns
        self._lanes = {
            slow: Lane(
                functools.partial(workers.run, self._answers, slow=slow),
                turns,
                slow=slow,
                pads=pads,
                max_rows=max_rows,
                wait=wait,
            )
            for slow in (False, True)
        }

    async def answer(
        self, inputs: dict[str, np.ndarray], tokens: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Returns the outputs for one request, in the order of its rows.

        Args:
            inputs: An array for each input.
            tokens: The tokens of each row, where they are known.

        Raises:
            RequestError: Where the model refuses the values, or too many requests wait.
        """
        if tokens is None:
            tokens = np.zeros(max((len(each) for each in inputs.values() if each.ndim), default=0))
        with self._workers.place():
            parts = list(self._parts(tokens)) if self._can_join(inputs) else []
            slow = len(parts) > 1 or bool(len(tokens) and tokens.max() > SHORT)
            answers = []
            for part in parts:
                rows = {name: array[part] for name, array in inputs.items()}
                answers.append(await self._answer(rows, int(tokens[part].max()), slow))
            if len(answers) == 1:
                return answers[0]
            if answers and all(map(_has_rows, answers, parts)):
                return join(answers)
            if answers:  # outputs that belong to no row, which only an answer shows
                self._joins = False
            return await self._workers.run(self._alone, inputs, slow=slow)

    async def _answer(self, rows: dict[str, np.ndarray], tokens: int, slow: bool) -> dict:
        if self._max_rows > 1:
            return await self._lanes[slow].answer(rows, tokens)
        return await self._workers.run(self._alone, rows, slow=slow)

    def _can_join(self, inputs: Mapping[str, Any]) -> bool:
        sizes = {len(array) if array.ndim else None for array in inputs.values()}
        return self._joins and len(sizes) == 1 and None not in sizes and 0 not in sizes

    def _parts(self, tokens: np.ndarray) -> Iterator[slice]:
        """Cuts the rows into batches of a bounded size."""
        begin, longest = 0, 0
        for row, count in enumerate(tokens):
            longest = max(longest, int(count))
            rows = row - begin + 1
            if rows > 1 and (rows > self._most or rows * longest > MAX_TOKENS):
                yield slice(begin, row)
                begin, longest = row, int(count)
        yield slice(begin, len(tokens))

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


def _has_rows(answer: Mapping[str, np.ndarray], part: slice) -> bool:
    return all(array.ndim and len(array) == part.stop - part.start for array in answer.values())
