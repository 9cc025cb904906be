"""The command `kerasrnn`."""

from kerasrnn.cli.main import main

__all__ = ["main"]
