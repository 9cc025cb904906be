"""TensorFlow greets the terminal before any setting of its log level counts."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile

__all__ = ["quiet_stderr"]


@contextlib.contextmanager
def quiet_stderr():
    """Holds back what is written to standard error, by C++ code too, unless something fails.

    It is for imports alone: nobody waits for a message of theirs.
    """
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except BaseException:
            held_back.seek(0)
            os.write(terminal, held_back.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
