"""A run of the dates, trained once for the groups that answer with it, and its export."""

from __future__ import annotations

import pathlib
import subprocess
import sys

from bench.processes import environment

__all__ = ["trained_dates"]


def trained_dates(folder: pathlib.Path, quick: bool) -> tuple[pathlib.Path, pathlib.Path]:
    """Returns the folders of the run and of its SavedModel.

    One epoch is enough for answers as long as dates.

    Args:
        folder: Where both are kept.
        quick: Whether it is a tiny model of a few dates.
    """
    run, saved = folder / "dates", folder / "saved_model"
    words = ["--config", "dates", "--epochs", "1"]
    if quick:
        folder.mkdir(parents=True, exist_ok=True)
        data = folder / "dates.tsv"
        lines = [f"{day} May {1990 + day}\t{1990 + day}-05-{day:02}" for day in range(1, 29)]
        data.write_text("\n".join(lines) + "\n", encoding="utf-8")
        words = ["--data", str(data), "--level", "character", "--units", "5", "--epochs", "1"]
        words += ["--embedding", "5"]
    if not (run / "metrics.json").is_file():
        kerasrnn("train", "translate", *words, "--output", str(run), "--resume")
    if not saved.is_dir():
        kerasrnn("export", str(run), str(saved))
    return run, saved


def kerasrnn(*words: str) -> None:
    command = [sys.executable, "-m", "kerasrnn", *words]
    subprocess.run(command, check=True, env=environment("tensorflow"), stdout=sys.stderr)
