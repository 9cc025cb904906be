"""Steps of optimizers as few operations of TensorFlow."""
