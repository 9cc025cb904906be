"""A server gives back what it has freed, while it runs."""

import os
import pathlib
import platform
import threading

import numpy as np
import pytest

from kerasrnn.serving import app, create_app, freed_memory
from kerasrnn.serving.freed_memory import give_back

SIZE, NUMBER = 2**16, 1511  # too small for the C library to map each from the system


def resident():
    pages = pathlib.Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is the C library that keeps it")
def test_what_lies_between_things_that_are_in_use_is_given_back():
    blocks = [np.ones(SIZE, "uint8") for _ in range(NUMBER)]
    in_use = blocks[::53]
    del blocks
    before = resident()
    give_back()
    assert before - resident() > SIZE * NUMBER * 3 // 4
    assert len(in_use) == 29


def test_a_server_does_so_again_and_again(tmp_path, monkeypatch, running):
    times, twice = [], threading.Event()

    def note():
        times.append(threading.current_thread())
        if len(times) == 2:
            twice.set()

    monkeypatch.setattr(freed_memory, "give_back", note)
    monkeypatch.setattr(app, "GIVE_BACK_SECONDS", 0.01)
    with running(create_app(tmp_path)):
        assert twice.wait(20)
    assert threading.main_thread() not in times
