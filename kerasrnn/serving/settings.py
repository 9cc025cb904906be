"""The limits of the server."""

from __future__ import annotations

import dataclasses

from kerasrnn.checks import check_integer, check_number

__all__ = ["Settings"]

MOST_BYTES = 2**40


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the server may use of the machine.

    Attributes:
        max_body: Maximum number of bytes of a request.
        max_batch: Maximum number of rows of a batch that joins requests; 1 joins none.
        batch_wait: Seconds that a batch with room left waits for further requests.
        max_waiting: Maximum number of requests that wait for their prediction.
        threads: Maximum number of predictions at a time.
        poll_interval: Seconds between two checks of the folder of models.
    """

    max_body: int = 16 * 2**20
    max_batch: int = 64
    batch_wait: float = 0.0
    max_waiting: int = 1024
    threads: int = 4
    poll_interval: float = 1.0

    def __post_init__(self) -> None:
        check_integer("max_body", self.max_body, most=MOST_BYTES)
        for name in ("max_batch", "max_waiting", "threads"):
            check_integer(name, getattr(self, name))
        check_number("batch_wait", self.batch_wait)
        check_number("poll_interval", self.poll_interval, above=True)
