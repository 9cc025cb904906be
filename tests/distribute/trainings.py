"""Trains small models with a strategy; `test_trainings.py` starts it, as one process or several.

The words are a strategy (`none`, `mirrored` or `multi-worker`), a folder that gets the runs, and a
file for what came of them: the history and the weights of each training.
"""

import csv
import pathlib
import pickle
import sys

import numpy as np
import tensorflow as tf

STRATEGY, FOLDER, RESULT = sys.argv[1:]
if STRATEGY == "mirrored":
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

import kerasrnn  # noqa: E402 (the devices come first)
from kerasrnn import options  # noqa: E402

DATA = pathlib.Path(__file__).parents[1] / "fixtures" / "format_1" / "data"
SMALL = {"units": 5, "epochs": 2, "dropout": 0.0, "seed": 3}
CASES = {
    "a stream with states": options.LanguageModel(
        data=DATA / "story.txt", context="stream", length=7, batch_size=6, **SMALL
    ),
    "encoder and decoder": options.Translate(
        data=DATA / "dates.tsv", batch_size=11, attention="dot", **SMALL
    ),
    "tags with a CRF": options.Tag(
        data=DATA / "tags.conll", batch_size=7, output_layer="crf", recurrence="compiled", **SMALL
    ),
}


def history_of(run):
    with open(run / "history.csv", encoding="utf-8", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


results = {}
for name, case in CASES.items():
    run = pathlib.Path(FOLDER) / name
    strategy = None if STRATEGY == "none" else STRATEGY
    parts = 2 if strategy and name == "tags with a CRF" else 1
    task = kerasrnn.train(case, run, strategy=strategy, accumulate=parts)
    weights = [np.array(each) for each in task.model.get_weights()]
    written = run / "history.csv"
    results[name] = weights, history_of(run) if written.exists() else None
pathlib.Path(RESULT).write_bytes(pickle.dumps(results))
