"""Freed memory is used again: the system hands out each page once."""

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import resource
import numpy as np
from kerasrnn.cli.memory import keep_freed_memory
if {keep}:
    keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(5_000_011)
before = faults()
for _ in range(7):
    np.ones(5_000_011)
print(faults() - before)
"""


def page_faults(keep):
    command = [sys.executable, "-c", SCRIPT.format(keep=keep)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is an option of glibc")
def test_pages_are_kept():
    kept, given_back = page_faults(True), page_faults(False)
    assert kept < 100 and kept < given_back / 10
