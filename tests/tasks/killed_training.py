"""Trains in processes that kill themselves at their N-th event; `test_kill_matrix.py` starts it.

Each line of standard input is a JSON list: the pickled options, the folder of the run, N (0 for
never), whether it also exports. The answer is a line with the exit status and the number of events.
Processes are forked once the imports are done, and before TensorFlow has computed anything.
"""

import base64
import builtins
import json
import os
import pathlib
import pickle
import signal
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

import kerasrnn
from kerasrnn.files import CONFIG
from kerasrnn.tasks.job import Job


class Events:
    """Counts what happens; the N-th event is the last."""

    def __init__(self, last, note):
        self.number, self.last, self.note = 0, last, note

    def __call__(self, *_, **__):
        self.number += 1
        self.note.write_text(str(self.number))
        if self.number == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, place, name, counts=lambda *_, **__: True):
        """Counts each call of a function."""
        function = getattr(place, name)

        def counted(*arguments, **options):
            if counts(*arguments, **options):
                self()
            return function(*arguments, **options)

        setattr(place, name, counted)


def is_writing(path, mode="r", *_, **__):
    return any(letter in mode for letter in "wax")


def train(case, run, number, exports, note):
    events, of_keras, compiled = Events(number, note), keras.Model.fit, Job.compiled_model
    batches = keras.callbacks.LambdaCallback(on_train_batch_end=events, on_test_batch_end=events)

    def fit(self, *arguments, callbacks, **options):
        return of_keras(self, *arguments, callbacks=[batches, *callbacks], **options)

    def eager(self, *arguments):
        model = compiled(self, *arguments)
        model.run_eagerly = True
        return model

    keras.Model.fit, Job.compiled_model = fit, eager
    for place, name in ((os, "replace"), (os, "fsync"), (pathlib.Path, "unlink")):
        events.before(place, name)
    events.before(builtins, "open", is_writing)
    begun = (run / CONFIG).is_file()
    task = kerasrnn.train(case, run, resume=begun or run.is_dir(), save_every=1e-9)
    if exports and not (run.parent / "export" / "1").exists():
        task.export(run.parent / "export")


for line in sys.stdin:
    packed, run, number, exports = json.loads(line)
    note = pathlib.Path(run).with_suffix(".events")
    child = os.fork()
    if not child:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        status = 1
        try:
            case = pickle.loads(base64.b64decode(packed))
            train(case, pathlib.Path(run), number, exports, note)
            status = 0
        finally:
            sys.stderr.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), int(note.read_text())]), flush=True)
