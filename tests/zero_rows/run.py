"""Tries zero rows wherever rows go in, and prints what differs from three rows.

    python tests/zero_rows/run.py [short | layers | models | tasks | exports]

`short` is what each `make test` runs; nothing runs all. The processor decides which kernels
TensorFlow takes: `TF_ENABLE_ONEDNN_OPTS=1` and `=0` choose, see `make test-zero-rows`.
"""

import itertools
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import layer_cases
import model_cases
import task_cases
import tensorflow as tf
from rows import Case, differences

CASES = {
    "layers": [layer_cases.layer_cases, layer_cases.decoding_cases, layer_cases.number_cases],
    "models": [model_cases.model_cases, model_cases.view_cases],
    "tasks": [task_cases.signature_cases, task_cases.method_cases],
    "exports": [task_cases.export_cases],
}


def cases(part: str):
    if part == "short":
        made = itertools.chain(layer_cases.layer_cases(), task_cases.signature_cases(short=True))
        # The table of losses says itself whether one lacks a case.
        return itertools.chain(layer_cases.number_cases(), (case for case in made if case.short))
    tables = CASES[part] if part else itertools.chain(*CASES.values())
    return itertools.chain.from_iterable(table() for table in tables)


def wrong(case: Case) -> list[str]:
    try:
        return differences(case)
    except Exception as error:  # whatever it is, the other cases go on
        return [f"{type(error).__name__}: {' '.join(str(error).split())[:150]}"]


def main(part: str = "") -> int:
    tf.get_logger().setLevel("ERROR")  # a graph for each case is meant
    # Kernels that the optimiser joins fail elsewhere than those by themselves: each has its turn.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": part == "short"})
    number, failed, begin = 0, 0, time.monotonic()
    for case in cases(part):
        number += 1
        if found := wrong(case):
            failed += 1
            print(f"{case.name}: {'; '.join(found)}", flush=True)
    kernels = os.environ.get("TF_ENABLE_ONEDNN_OPTS", "as the processor has it")
    seconds = time.monotonic() - begin
    print(f"{number} cases, {failed} failed; oneDNN {kernels}; {seconds:.0f} s")
    return int(failed > 0 or not number)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
