"""The proof that an export stands alone: another process, which imports TensorFlow only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence

__all__ = ["run_elsewhere"]

# Both packages are made impossible to import, so that the model cannot lean on them.
_PROGRAM = """
import json, sys
sys.modules["keras"] = sys.modules["kerasrnn"] = None
import tensorflow as tf
folder, texts = sys.argv[1], json.loads(sys.argv[2])
serve = tf.saved_model.load(folder).signatures["serving_default"]
answers = serve(text=tf.constant(texts))["text"].numpy()
print(json.dumps([answer.decode("utf-8") for answer in answers]))
"""


def run_elsewhere(folder: str | os.PathLike, texts: Sequence[str]) -> list[str]:
    """Loads a SavedModel in a process without Keras and this package, and runs it.

    Args:
        folder: Folder of one version.
        texts: Inputs of its `serving_default` signature.

    Returns:
        The answers.

    Raises:
        RuntimeError: With what the process said, where it failed.
    """
    process = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(folder), json.dumps(list(texts))],
        capture_output=True,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if process.returncode:
        raise RuntimeError(f"The SavedModel in {folder} does not run alone:\n{process.stderr}")
    return json.loads(process.stdout.splitlines()[-1])
