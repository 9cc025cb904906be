"""What is raised for what a user did wrong."""

from __future__ import annotations

__all__ = ["UserError"]


class UserError(ValueError):
    """A wrong argument, option or file: says what was expected, then `Received: …`.

    The command line prints it as one line and ends with exit code 2. Any other exception is a bug
    of this package and shows its traceback.
    """

    # Raised inside of a graph, an error keeps its type only if it is made as `Exception` is.
    __init__ = Exception.__init__
