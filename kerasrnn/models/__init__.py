"""Factories: one function for each topology, each returns an uncompiled `keras.Model`."""

from kerasrnn.models.characters import Characters
from kerasrnn.models.convolution import convolutional_encoder
from kerasrnn.models.encoder_decoder import encoder_decoder
from kerasrnn.models.fixed_window import cbow, fixed_window_language_model
from kerasrnn.models.forecasters.direct_forecaster import direct_forecaster
from kerasrnn.models.forecasters.patch_forecaster import patch_forecaster
from kerasrnn.models.forecasters.recursive_forecaster import recursive_forecaster
from kerasrnn.models.language_model import language_model
from kerasrnn.models.many_to_many import many_to_many
from kerasrnn.models.many_to_one import many_to_one
from kerasrnn.models.one_to_many import one_to_many
from kerasrnn.models.one_to_one import one_to_one
from kerasrnn.models.siamese import siamese
from kerasrnn.models.word2vec import word2vec

__all__ = [
    "Characters",
    "cbow",
    "convolutional_encoder",
    "direct_forecaster",
    "encoder_decoder",
    "fixed_window_language_model",
    "language_model",
    "many_to_many",
    "many_to_one",
    "one_to_many",
    "one_to_one",
    "siamese",
    "word2vec",
    "patch_forecaster",
    "recursive_forecaster",
]
