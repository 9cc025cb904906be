"""Figures of each epoch for TensorBoard."""

from __future__ import annotations

import pathlib

import keras

from kerasrnn.checks import UserError

__all__ = ["FOLDER", "check_tensorboard", "tensorboard_logs"]

FOLDER = "tensorboard"


def check_tensorboard() -> None:
    """Raises a `ValueError` where TensorBoard, without which TensorFlow writes no log, is not."""
    try:
        import tensorboard  # noqa: F401
    except ImportError as error:
        raise UserError(
            "Expected TensorBoard for its logs: pip install 'kerasrnn[tensorboard]'"
        ) from error


def tensorboard_logs(folder: pathlib.Path) -> keras.callbacks.Callback:
    """Returns what logs the metrics and the learning rate of each epoch.

    It stands before the rule that halves the learning rate, so that it sees the rate of the epoch.
    A run that is resumed writes a further file, whose epochs go on from those before.

    Args:
        folder: The folder of the run; the logs of training and validation are in its folder
            `tensorboard`.
    """
    return keras.callbacks.TensorBoard(folder / FOLDER, write_graph=False)
