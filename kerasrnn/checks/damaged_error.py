"""What is raised for a file that is not as this package wrote it."""

from __future__ import annotations

from kerasrnn.checks.user_error import UserError

__all__ = ["DamagedError"]


class DamagedError(UserError):
    """A file that this package wrote is missing, cut or changed, and nothing stands for it."""
