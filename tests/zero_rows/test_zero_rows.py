"""No rows through everything, with the kernels of either kind of processor, a process each."""

import os
import pathlib
import subprocess
import sys

import pytest

PROGRAM = pathlib.Path(__file__).with_name("run.py")


@pytest.mark.parametrize("one_dnn", ["0", pytest.param("1", marks=pytest.mark.slow)])
def test_zero_rows_have_the_shapes_of_three(one_dnn):
    # `make test-zero-rows` tries all of them.
    process = subprocess.run(
        [sys.executable, PROGRAM, "short"],
        capture_output=True,
        text=True,
        env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": one_dnn, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert process.returncode == 0, process.stdout + process.stderr
