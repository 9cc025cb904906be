"""`kerasrnn export`: a SavedModel of a run, checked in a process of its own."""

from __future__ import annotations

import pathlib

from kerasrnn.checks import UserError
from kerasrnn.cli.one_line import one_line
from kerasrnn.cli.quiet import quiet_stderr
from kerasrnn.cli.searching import AS_THE_RUN, SearchParameter, searching
from kerasrnn.files import check_run, room_in
from kerasrnn.tasks.run_files import note_export, read_metrics
from kerasrnn.tasks.runs.origin import utc_date

__all__ = ["export"]

LONGEST = 200  # characters of an answer that is shown


def export(run: str, directory: str, /, *, search: SearchParameter = AS_THE_RUN) -> None:
    """Export a trained run as the next version of a SavedModel, and check it.

    Args:
        run: Folder of the run.
        directory: Folder for the versions of the model, such as saved_models/dates.
    """
    check_run(run)
    if pathlib.Path(directory).is_file():
        raise UserError(f"Expected a folder to write to. Received: {directory}, a file")
    print(f"export: run {run}, to {directory}", flush=True)
    with quiet_stderr():
        from kerasrnn.export import run_elsewhere
        from kerasrnn.tasks import load
    task = searching(load(run), search)
    metrics = read_metrics(pathlib.Path(run))
    examples = metrics.get("examples") or {}
    inputs = task.parse_lines(list(examples), run)
    with room_in(directory):
        folder = task.export(directory, inputs, metrics=metrics.get("test"))
    note_export(pathlib.Path(run), folder, utc_date())
    inputs = inputs or task.default_inputs()
    signature, output = task.shown_output
    answers = run_elsewhere(folder, task.served_inputs(inputs), output, signature)
    print(f"{folder} is the new version.")
    print("Its answers in a process that imports TensorFlow alone:")
    for (line, wanted), answer in zip(examples.items(), answers, strict=bool(examples)):
        answer = one_line(task.line_of(answer))
        line = " ".join(line.split("\t"))
        right = "" if answer == wanted else f" (wanted: {_short(wanted)})"
        print(f"  {line} -> {_short(answer)}{right}")


def _short(answer: str) -> str:
    """The beginning of a long answer, such as a forecast of many rows."""
    return answer if len(answer) <= LONGEST else f"{answer[:LONGEST].rstrip()} …"
