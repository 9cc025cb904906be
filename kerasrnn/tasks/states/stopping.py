"""Being asked to stop, by the signal that clusters send."""

from __future__ import annotations

import contextlib
import pathlib
import signal
import threading
import types
from collections.abc import Iterator

from kerasrnn.checks import StoppedError

__all__ = ["Stopping"]


class Stopping:
    """Turns SIGTERM into a `StoppedError`, at once or where the training has been saved.

    Outside of the main thread, which alone may listen to signals, it turns nothing.

    Args:
        folder: The folder of the run, for the message.

    Attributes:
        asked: Whether the signal has come.
    """

    def __init__(self, folder: pathlib.Path):
        self._folder = folder
        self._waits = False
        self.asked: bool = False

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Only notes the signal; whoever enters this looks at `asked` and calls `stop`."""
        self._waits = True
        try:
            yield
        finally:
            self._waits = False

    def stop(self, place: str) -> None:
        """Raises the `StoppedError`.

        Args:
            place: Where the training is, in words.
        """
        raise StoppedError(f"{self._folder}: stopped {place}; --resume goes on from there")

    def __enter__(self) -> Stopping:
        self._listens = threading.current_thread() is threading.main_thread()
        if self._listens:
            self._before = signal.signal(signal.SIGTERM, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        if self._listens:
            signal.signal(signal.SIGTERM, self._before)

    def _note(self, number: int, frame: types.FrameType | None) -> None:
        self.asked = True
        if not self._waits:
            self.stop("outside of its epochs")
