"""Runs commands on a disk that is full; `test_full_disk.py` starts it.

Each line of standard input is a JSON list: the words of a command, the bytes that a file may have
(0 for any number), and the event, a file that is opened for writing, flushed or renamed, from which
on there is no room (0 for none). The answer is a line with the exit code, what the command said on
standard error, and the number of events. Processes are forked once the imports are done.
"""

import builtins
import errno
import json
import os
import resource
import sys
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import kerasrnn.datasets
import kerasrnn.tasks
import kerasrnn.tasks.job
from kerasrnn.cli.main import main
from kerasrnn.tasks.registry import registered

for entry in registered().values():
    entry.parts()


class Disk:
    """A disk that is full from an event on; the memory of this machine is none."""

    def __init__(self, full_from):
        self.events, self.full_from = 0, full_from

    def replaced(self, place, name, counts=lambda *_, **__: True):
        function = getattr(place, name)

        def used(path, *arguments, **options):
            if counts(path, *arguments, **options):
                self.events += 1
                if 0 < self.full_from <= self.events:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), named(path))
            return function(path, *arguments, **options)

        setattr(place, name, used)


def named(path):
    return None if isinstance(path, int) else os.fspath(path)


def is_writing(path, mode="r", *_, **__):
    return any(letter in mode for letter in "wax") and not str(path).startswith("/dev")


def run(words, size, full_from):
    disk, compiled = Disk(full_from), kerasrnn.tasks.job.Job.compiled_model

    def eager(self, *arguments):
        model = compiled(self, *arguments)
        model.run_eagerly = True
        return model

    kerasrnn.tasks.job.Job.compiled_model = eager
    for name in ("replace", "fsync", "mkdir"):
        disk.replaced(os, name)
    disk.replaced(builtins, "open", is_writing)
    if size:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return main(words), disk.events


for line in sys.stdin:
    words, size, full_from = json.loads(line)
    (said, say), (counted, count) = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        sys.stdin, sys.stdout = open(os.devnull), open(os.devnull, "w")
        os.dup2(say, 2)
        sys.stderr = open(2, "w", closefd=False)
        code, events = 70, 0
        try:
            code, events = run(words, size, full_from)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os.write(count, str(events).encode())
            os._exit(code)
    os.close(say)
    os.close(count)
    with open(said, "rb") as error, open(counted, "rb") as number:
        found = error.read().decode(), int(number.read() or 0)
    _, status = os.waitpid(child, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), *found]), flush=True)
