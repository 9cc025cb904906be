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
        max_body: Maximum number of bytes of a request, packed or not.
        max_instances: Maximum number of rows of a request.
        max_tokens: Maximum number of tokens or steps of a row, those of all its inputs together.
        timeout: Seconds from a request to its answer.
        read_timeout: Seconds that a client may take for the head of a request, for the first bytes
            of its body, and to read a part of the answer.
        max_batch: Maximum number of rows of a batch that joins requests; 1 joins none. A request of
            more than that, and more than 256, is cut.
        batch_wait: Seconds that a batch with room left waits for further requests.
        max_waiting: Maximum number of requests of a model that wait for their prediction.
        threads: Maximum number of predictions of a model at a time, beside one that takes long.
        poll_interval: Seconds between two checks of the folder of models.
    """

    max_body: int = 16 * 2**20
    max_instances: int = 2**17
    max_tokens: int = 2048
    timeout: float = 120.0
    read_timeout: float = 20.0
    max_batch: int = 64
    batch_wait: float = 0.0
    max_waiting: int = 1024
    threads: int = 4
    poll_interval: float = 1.0

    def __post_init__(self) -> None:
        check_integer("max_body", self.max_body, most=MOST_BYTES)
        for name in ("max_instances", "max_tokens", "max_batch", "max_waiting", "threads"):
            check_integer(name, getattr(self, name))
        check_number("batch_wait", self.batch_wait)
        for name in ("timeout", "read_timeout", "poll_interval"):
            check_number(name, getattr(self, name), above=True)
