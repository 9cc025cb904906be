"""Language models of all kinds under one contract, and what is done with their probabilities."""

from kerasrnn.language_modeling.next_token_model import NextTokenModel

__all__ = ["NextTokenModel"]
