"""SavedModels that take raw text and run without Keras or this package."""

from kerasrnn.export.run_elsewhere import run_elsewhere
from kerasrnn.export.saved_model import write_version
from kerasrnn.export.translation import TranslationFunction, as_text

__all__ = ["TranslationFunction", "as_text", "run_elsewhere", "write_version"]
