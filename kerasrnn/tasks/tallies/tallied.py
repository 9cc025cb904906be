"""Tasks whose evaluation is made of pieces: what one process counts, several can."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, check_integer
from kerasrnn.files import PIECE_ROWS
from kerasrnn.tasks.task import Task

__all__ = ["Tallied"]


class Tallied(Task):
    """A task that evaluates 1,024 examples at a time: it counts, and sums up at the end.

    What is counted of a piece is its tally. It depends on the examples of the piece alone: like
    lengths share a batch within it, and the last digit of a number can depend on what else is in
    its batch. Figures come from the tallies in their order, and from nothing else. So those of N
    processes, each with some of the pieces, are those of one process to the last digit.

    A subclass reads its examples in `raw`, counts in `tally`, and sums up in `figures_of`.
    """

    # Examples of a piece.
    evaluated_at_once = PIECE_ROWS
    # Inputs in a batch, if nobody says how many.
    tally_batch = 256

    def raw(self, examples: Any) -> Any:
        """Returns what `evaluate` takes as a `tf.data.Dataset`."""
        raise UserError(f"Expected a task that evaluates in pieces. Received: {self.name!r}")

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        """Counts what there is to count of some examples.

        Args:
            rows: What `rows_of` yields, `evaluated_at_once` of them or less.
            batch_size: Inputs in a batch.

        Returns:
            What JSON can hold as it is: floats as texts, see `sums.exact`.
        """
        raise UserError(f"Expected a task that evaluates in pieces. Received: {self.name!r}")

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Sums up what `tally` returned for each piece, as `evaluate` does."""
        raise UserError(f"Expected a task that evaluates in pieces. Received: {self.name!r}")

    def check_pieces(self) -> None:
        """Raises a `UserError` where a piece cannot be evaluated without those before it."""

    def number_of(self, examples: Any) -> int:
        """Counts the examples of what `evaluate` takes."""
        data = self.raw(examples)
        number = int(data.cardinality())
        if number >= 0:
            return number
        return int(data.reduce(np.int64(0), lambda count, *_: count + 1))

    def rows_of(self, examples: Any, rows: range | None = None) -> Iterator[Any]:
        """Yields raw examples as NumPy has them.

        Args:
            examples: What `evaluate` takes.
            rows: Which of them, from 0; all by default.
        """
        data = self.raw(examples)
        if rows is not None:
            data = data.skip(rows.start).take(len(rows))
        return data.as_numpy_iterator()

    def tallies(
        self, examples: Any, batch_size: int | None = None, rows: range | None = None
    ) -> Iterator[dict[str, Any]]:
        """Counts piece by piece.

        Args:
            examples: What `evaluate` takes.
            batch_size: Inputs in a batch; `tally_batch` by default.
            rows: Which examples, from 0: whole pieces; all by default.

        Yields:
            What `tally` returns for each piece, in the order of the examples.
        """
        batch_size = self.tally_batch if batch_size is None else batch_size
        check_integer("batch_size", batch_size)
        left = iter(self.rows_of(examples, rows))
        while some := list(itertools.islice(left, self.evaluated_at_once)):
            yield self.tally(some, batch_size)

    def evaluate(self, examples: Any, batch_size: int = 256) -> dict[str, Any]:
        """Measures on raw examples with their right answers.

        Args:
            examples: Those of the task.
            batch_size: Inputs in a batch.
        """
        return self.figures_of(self.tallies(examples, batch_size))
