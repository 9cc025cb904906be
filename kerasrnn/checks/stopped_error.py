"""What is raised for a training that was asked to stop."""

from __future__ import annotations

__all__ = ["StoppedError"]


class StoppedError(RuntimeError):
    """A training was asked to stop, and has saved where it is; resumed, it goes on from there.

    The command line prints it as one line and ends with exit code 75, which `sysexits.h` has for
    what is to be tried again.
    """
