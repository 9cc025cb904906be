"""Recurrences in one loop that XLA compiles, for Keras' layers on the TensorFlow backend."""
