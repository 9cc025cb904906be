"""What the URL of a request means: the model, its version and the action."""

from __future__ import annotations

import dataclasses
import re
import urllib.parse

from kerasrnn.serving.errors import RequestError

__all__ = ["Target", "parse_target"]

# These are TensorFlow Serving's, which ignores case too.
_MODEL = r"/v1/models(?:/([^/:]+))?(?:/versions/(\d+)|/labels/([^/:]+))?"
_READ = re.compile(rf"{_MODEL}(?:/(metadata))?", re.I | re.A)
_CALL = re.compile(rf"{_MODEL}:(classify|regress|predict)", re.I | re.A)


@dataclasses.dataclass(frozen=True)
class Target:
    """What a request is about.

    Attributes:
        name: Name of the model.
        version: Its version, where the address has one.
        label: The label of a version, where the address has one.
        action: `"status"`, `"metadata"`, `"predict"`, `"classify"` or `"regress"`.
    """

    name: str
    version: int | None
    label: str | None
    action: str


def parse_target(method: str, path: str) -> Target:
    """Reads an address below `/v1`.

    Args:
        method: The HTTP method.
        path: The path as it was sent, percent signs included.

    Raises:
        RequestError: For an address that the contract does not have.

    Example:
        >>> parse_target("POST", "/v1/models/dates/versions/2:predict")
        Target(name='dates', version=2, label=None, action='predict')
    """
    malformed = RequestError(f"Malformed request: {method} {path[:200]}")
    if ".." in urllib.parse.unquote(path).replace("\\", "/").split("/"):
        raise malformed
    patterns = {"GET": _READ, "HEAD": _READ, "POST": _CALL}
    match = patterns[method].fullmatch(path) if method in patterns else None
    if match is None:
        raise malformed
    name, version, label, action = match.groups()
    if name is None:
        if method == "POST" or version or label:
            raise malformed
        raise RequestError("Missing model name in request.")
    if version is not None and len(version) > 18:  # no more fit a 64-bit number
        raise RequestError(f"Failed to convert version: {version[:100]} to numeric.")
    return Target(
        urllib.parse.unquote(name),
        None if version is None else int(version),
        None if label is None else urllib.parse.unquote(label),
        (action or "status").lower(),
    )
