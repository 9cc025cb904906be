"""SavedModels that take raw input and run without Keras or this package."""

from kerasrnn.export.captioning import CaptionFunction
from kerasrnn.export.classification import ClassificationFunction
from kerasrnn.export.forecasting import ForecastFunction
from kerasrnn.export.frame_labelling import FrameFunction
from kerasrnn.export.image_classification import ImageClassificationFunction
from kerasrnn.export.language_model import LanguageModelFunction
from kerasrnn.export.metadata import describe, write_metadata
from kerasrnn.export.run_elsewhere import run_elsewhere
from kerasrnn.export.saved_model import write_version
from kerasrnn.export.tagging import TaggingFunction, as_tokens
from kerasrnn.export.tensors import as_strings, as_tensor, as_text
from kerasrnn.export.translation import TranslationFunction

__all__ = [
    "CaptionFunction",
    "ClassificationFunction",
    "ForecastFunction",
    "FrameFunction",
    "ImageClassificationFunction",
    "LanguageModelFunction",
    "TaggingFunction",
    "TranslationFunction",
    "as_strings",
    "as_tensor",
    "as_text",
    "as_tokens",
    "describe",
    "run_elsewhere",
    "write_metadata",
    "write_version",
]
