"""The limits of the server."""

from __future__ import annotations

import dataclasses

from kerasrnn.checks import UserError

__all__ = ["Settings"]


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the server may use of the machine.

    Attributes:
        max_body: The greatest number of bytes of a request.
        max_batch: The greatest number of rows that requests are joined to; 1 joins none.
        batch_wait: Seconds that a batch with room left waits for further requests.
        max_waiting: The greatest number of requests that wait for their prediction.
        threads: The greatest number of predictions at a time.
        poll_interval: Seconds between two looks at the folder of models.
    """

    max_body: int = 16 * 2**20
    max_batch: int = 64
    batch_wait: float = 0.0
    max_waiting: int = 1024
    threads: int = 4
    poll_interval: float = 1.0

    def __post_init__(self):
        for name, least in {"max_body": 1, "max_batch": 1, "max_waiting": 1, "threads": 1}.items():
            if getattr(self, name) < least:
                raise UserError(
                    f"Expected `{name}` of at least {least}. Received: {getattr(self, name)}"
                )
        if self.batch_wait < 0 or self.poll_interval <= 0:
            raise UserError(
                "Expected `batch_wait` of at least 0 and `poll_interval` above 0. Received: "
                f"{self.batch_wait} and {self.poll_interval}"
            )
