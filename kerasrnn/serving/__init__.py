"""A server for development that speaks TensorFlow Serving's REST interface.

It needs TensorFlow and the packages of the extra `serve`, but not Keras.
"""

from kerasrnn.serving.app import create_app
from kerasrnn.serving.run import run
from kerasrnn.serving.settings import Settings

__all__ = ["Settings", "create_app", "run"]
