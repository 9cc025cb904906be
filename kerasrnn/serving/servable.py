"""One version of a model: its state, and its functions while it is loaded."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from kerasrnn.serving.batcher import Batcher
from kerasrnn.serving.costs import Reading, reading_of
from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.lane import Turns
from kerasrnn.serving.metadata import read_signature_def
from kerasrnn.serving.notes import lengths_of, read_notes
from kerasrnn.serving.settings import Settings
from kerasrnn.serving.signature import Signature
from kerasrnn.serving.workers import Workers

__all__ = ["LoadedVersion", "Servable", "load_version", "signature_of"]

DEFAULT_SIGNATURE = "serving_default"


@dataclasses.dataclass(frozen=True)
class LoadedVersion:
    """What is in memory of a version.

    Attributes:
        model: What TensorFlow loaded; the functions live as long as it does.
        signatures: The signatures by name.
        batchers: For each signature what answers its requests.
        signature_def: Their definitions, see `read_signature_def`.
        notes: The description of the export, see `read_notes`.
        reading: How it reads texts.
        workers: The threads that it computes in, of no other model.
    """

    model: object
    signatures: dict[str, Signature]
    batchers: dict[str, Batcher]
    signature_def: dict[str, Any]
    notes: dict[str, Any]
    reading: Reading
    workers: Workers


def load_version(folder: pathlib.Path, settings: Settings, turns: Turns) -> LoadedVersion:
    """Loads a SavedModel; it may take seconds.

    Args:
        folder: Folder of the version.
        settings: How requests are joined, and its threads.
        turns: Shared by all models.

    Raises:
        Exception: Whatever TensorFlow finds wrong with it.
    """
    model = tf.saved_model.load(str(folder))
    signatures = {name: Signature(each) for name, each in sorted(model.signatures.items())}
    notes = read_notes(folder)
    definitions = read_signature_def(folder)
    workers = Workers(settings.threads, settings.max_waiting)
    batchers = {}
    for name, signature in signatures.items():
        lengths = lengths_of(notes, name)
        batchers[name] = Batcher(
            signature.run,
            workers,
            joins=signature.joins_requests,
            pads=lengths is not None,
            lengths=lengths,
            max_rows=settings.max_batch,
            wait=settings.batch_wait,
            turns=turns,
        )
    return LoadedVersion(
        model, signatures, batchers, definitions, notes, reading_of(notes), workers
    )


class Servable:
    """A version of a model, from the first look at it to its end.

    Args:
        number: The version.
        folder: Its folder.
        stamp: What `folders.stamp` said before it was loaded.

    Attributes:
        state: As TensorFlow Serving calls it: `"LOADING"`, `"AVAILABLE"`, `"UNLOADING"`, `"END"`.
        error: Why it could not be loaded; `""` where nothing is wrong.
        loaded: What is in memory, while there is something.
    """

    def __init__(self, number: int, folder: pathlib.Path, stamp: tuple[Any, ...]):
        self.number = number
        self.folder = folder
        self.stamp = stamp
        self.state: str = "LOADING"
        self.error: str = ""
        self.loaded: LoadedVersion | None = None
        self._requests = 0

    def become_available(self, loaded: LoadedVersion) -> None:
        """Takes requests from now on.

        Args:
            loaded: What they are answered with.
        """
        self.loaded, self.state = loaded, "AVAILABLE"

    def fail(self, error: str) -> None:
        """Ends before it began.

        Args:
            error: Why.
        """
        self.error, self.state = error, "END"

    def retire(self) -> None:
        """Takes no further requests, and leaves the memory when the last one is answered."""
        if self.state == "AVAILABLE":
            self.state = "UNLOADING"
            self._end_when_idle()

    @contextlib.contextmanager
    def in_use(self) -> Iterator[LoadedVersion]:
        """Keeps the version in memory for one request.

        Returns:
            A context manager that gives the `LoadedVersion`.
        """
        if self.loaded is None:  # who asks has found it available
            raise RequestError(f"Servable not found for request: version {self.number}", 404)
        self._requests += 1
        try:
            yield self.loaded
        finally:
            self._requests -= 1
            self._end_when_idle()

    def status(self) -> dict[str, Any]:
        """Returns its `ModelVersionStatus` as JSON values."""
        return {
            "version": str(self.number),
            "state": self.state,
            "status": {
                "error_code": "UNKNOWN" if self.error else "OK",
                "error_message": self.error,
            },
        }

    def _end_when_idle(self) -> None:
        if self.state == "UNLOADING" and not self._requests:
            self.loaded, self.state = None, "END"  # and its threads end with it


def signature_of(loaded: LoadedVersion, name: str) -> str:
    """Returns the name of a signature that is there.

    Args:
        loaded: A version.
        name: What the client wrote; `""` for the default.

    Raises:
        RequestError: Where it is not there.
    """
    name = name or DEFAULT_SIGNATURE
    if name not in loaded.signatures:
        raise RequestError(f'Serving signature name: "{name}" not found in signature def')
    return name
