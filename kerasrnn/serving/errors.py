"""What a client is told where its request cannot be answered."""

from __future__ import annotations

__all__ = ["RequestError"]


class RequestError(Exception):
    """An answer other than 200.

    Args:
        message: One clear sentence, which becomes `{"error": message}`.
        status: The HTTP status; 400, the client's mistake, by default.
    """

    def __init__(self, message: str, status: int = 400):
        super().__init__(message)
        self.message = message
        self.status = status
