"""Folders of runs, made of the files that trainings write."""

import csv
import json


def make_run(folder, task, test=None, rows=(), config=None, **settings):
    """Makes a run: finished where it has figures of the test split, with epochs of these rows."""
    folder.mkdir(parents=True)
    content = {"format": 2, "task": task, "settings": settings, **(config or {})}
    (folder / "config.json").write_text(json.dumps(content))
    if rows:
        with open(folder / "history.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, ["epoch", *rows[0]])
            writer.writeheader()
            writer.writerows({"epoch": i, **row} for i, row in enumerate(rows))
    if test is not None:
        last = {name[4:]: value for name, value in rows[-1].items() if "val_" in name}
        metrics = {"test": test, "validation": last, "epochs": len(rows), "parameters": 1234}
        (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder
