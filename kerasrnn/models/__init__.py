"""Factories: one function for each topology, each returns an uncompiled `keras.Model`."""

from kerasrnn.models.encoder_decoder import encoder_decoder

__all__ = ["encoder_decoder"]
