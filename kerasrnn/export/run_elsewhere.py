"""The proof that an export stands alone: another process, which imports TensorFlow only."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["run_elsewhere"]

# Both packages are made impossible to import, so that the model cannot lean on them.
_PROGRAM = """
import base64, json, sys
sys.modules["keras"] = sys.modules["kerasrnn"] = None
import tensorflow as tf
def decoded(value):
    if isinstance(value, list):
        return [decoded(each) for each in value]
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value
def readable(value):
    if isinstance(value, list):
        return [readable(each) for each in value]
    return value.decode("utf-8") if isinstance(value, bytes) else value
folder, signature, output = sys.argv[1:]
inputs = json.load(sys.stdin)
serve = tf.saved_model.load(folder).signatures[signature]
specs = serve.structured_input_signature[1]
inputs = {name: tf.constant(decoded(value), specs[name].dtype) for name, value in inputs.items()}
print(json.dumps(readable(serve(**inputs)[output].numpy().tolist())))
"""


def run_elsewhere(
    folder: str | os.PathLike[str],
    inputs: Mapping[str, Any],
    output: str = "text",
    signature: str = "serving_default",
) -> list[Any]:
    """Loads a SavedModel in a process without Keras and this package, and runs it.

    Args:
        folder: Folder of one version.
        inputs: Inputs of the signature by name: arrays or nested lists of numbers, `str` or
            `bytes`.
        output: Name of the output to return.
        signature: Name of the signature.

    Returns:
        That output as nested lists, strings as `str`.

    Raises:
        RuntimeError: With what the process said, where it failed.
    """
    process = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(folder), signature, output],
        input=json.dumps({name: _encoded(value) for name, value in inputs.items()}),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if process.returncode:
        raise RuntimeError(f"The SavedModel in {folder} does not run alone:\n{process.stderr}")
    return json.loads(process.stdout.splitlines()[-1])


def _encoded(value):
    """Makes JSON of nested lists or arrays; text and bytes become base64."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_encoded(each) for each in value]
    if isinstance(value, str):
        value = value.encode("utf-8", "replace")
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode("ascii")}
    return value
