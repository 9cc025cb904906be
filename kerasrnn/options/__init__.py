"""Options of trainings: a class for each task, which everything that is said of them comes from."""

from kerasrnn.options.caption import Caption
from kerasrnn.options.classify import Classify
from kerasrnn.options.compare import Compare
from kerasrnn.options.data_size import DataSize
from kerasrnn.options.fields import FOLLOWS, FREE, OF_DATA, Field, Unrecorded
from kerasrnn.options.forecast import Forecast
from kerasrnn.options.frames import Frames
from kerasrnn.options.language_model import LanguageModel
from kerasrnn.options.options import Options
from kerasrnn.options.regress import Regress
from kerasrnn.options.source import FoldSplit, Source
from kerasrnn.options.tag import Tag
from kerasrnn.options.translate import Translate
from kerasrnn.options.word_vectors import WordVectors

__all__ = [
    "FOLLOWS",
    "FREE",
    "OF_DATA",
    "Caption",
    "Classify",
    "Compare",
    "DataSize",
    "Field",
    "FoldSplit",
    "Forecast",
    "Frames",
    "LanguageModel",
    "Options",
    "Regress",
    "Source",
    "Tag",
    "Translate",
    "Unrecorded",
    "WordVectors",
]
