"""What is raised for a training whose loss is a number no more."""

from __future__ import annotations

__all__ = ["DivergedError"]


class DivergedError(RuntimeError):
    """A training has ended with a validation that is not finite, and says what its folder keeps.

    The command line prints it as one line and ends with exit code 3.
    """
