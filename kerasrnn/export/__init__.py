"""SavedModels that take raw input and run without Keras or this package."""

from kerasrnn.export.description import describe, write_metadata
from kerasrnn.export.run_elsewhere import run_elsewhere
from kerasrnn.export.saved_model import write_version
from kerasrnn.export.signatures import Signatures
from kerasrnn.export.tensors import as_strings, as_tensor, as_text

__all__ = [
    "Signatures",
    "as_strings",
    "as_tensor",
    "as_text",
    "describe",
    "run_elsewhere",
    "write_metadata",
    "write_version",
]
