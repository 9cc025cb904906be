"""`kerasrnn info`: all that the folder of a run says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerasrnn.cli.columns import (
    byte_size,
    duration,
    figure,
    headings,
    option_text,
    table,
    terminal_width,
    wrapped,
)
from kerasrnn.cli.run_listing import as_json
from kerasrnn.files import json_text
from kerasrnn.tasks.registry import saved_entry
from kerasrnn.tasks.run_files import read_exports
from kerasrnn.tasks.runs.run_record import UNFINISHED, Run, read_run

__all__ = ["info"]

# Of a long training so many epochs are shown from its beginning, around the best one, to its end.
AROUND = 2
NOT_SHOWN = ("epoch", "seconds", "learning_rate", "loss")


def info(run: str, /, *, json: bool = False) -> None:
    """Show all of one run: data, options, epochs, figures and files.

    Args:
        run: Folder of the run.
        json: Print it as one JSON object instead.
    """
    found = read_run(run)
    if json:
        print(json_text(_all(found)))
        return
    print("\n".join(_lines(found, terminal_width())))


def _all(run: Run) -> dict[str, Any]:
    of_a_list = ("group", "figure", "best", "differs")
    return {
        **{name: value for name, value in as_json(run).items() if name not in of_a_list},
        "not_default": _not_default(run),
        "chosen": list(run.chosen),
        "history": run.history,
        "files": _files(run),
        "exports": read_exports(run.folder),
        "versions": run.config.get("versions") or {},
    }


def _lines(run: Run, width: int) -> Iterator[str]:
    yield from wrapped(f"{run.folder}: {run.task}, {_state(run)}", width)
    for name, text in _summary(run).items():
        yield from wrapped(f"{name.ljust(8)} {text}", width, " " * 9)
    other = _not_default(run)
    chosen = {name: run.options[name] for name in run.chosen if name in run.options}
    said = {*other, *chosen, "data"}
    same = {name: value for name, value in run.options.items() if name not in said}
    titled = {"Not the defaults": other, "Chosen by the data": chosen, "Other options": same}
    for title, options in titled.items():
        if options:
            yield from ("", *wrapped(f"{title}: {option_text(options)}", width))
    if run.history:
        yield from ("", *_epochs(run, width))
    if run.test or run.validation:
        yield from ("", *_figures(run))
    yield ""
    yield from table([[name, byte_size(size)] for name, size in _files(run).items()])
    exports = [[each["folder"], each["date"]] for each in read_exports(run.folder)]
    if exports:
        yield from ("", *table([["exported to", ""], *exports]))


def _state(run: Run) -> str:
    if not run.epochs:
        return "no epoch has ended" if run.state == UNFINISHED else run.state
    time = f" in {duration(run.seconds)}" if run.seconds is not None else ""
    kept = f"; the weights are those of epoch {run.epoch}" if run.epoch else ""
    return f"{run.state} after {run.epochs} epochs{time}{kept}"


def _summary(run: Run) -> dict[str, str]:
    digests = ", ".join(f"{name} {digest}" for name, digest in run.digests.items())
    versions = ", ".join(f"{name} {each}" for name, each in run.config.get("versions", {}).items())
    parameters = run.metrics.get("parameters")
    found = {
        "data": run.data or "not recorded",
        "digest": digests or "not recorded",
        "begun": run.date or "not recorded",
        "with": versions,
        "model": f"{parameters:,} parameters" if parameters else "",
        "resume": "possible: the state of the last epoch is there" if run.resumable else "",
    }
    return {name: text for name, text in found.items() if text}


def _not_default(run: Run) -> dict[str, Any]:
    """Returns the options that were given other values than today's defaults, but for the data."""
    entry = saved_entry(run.config["task"])
    fields = () if entry is None else entry.options.fields()
    defaults = {each.name: each.default for each in fields if not each.required}
    # JSON has lists, and options have tuples.
    return {
        name: value
        for name, value in run.options.items()
        if name in defaults
        and name not in run.chosen
        and json_text(value) != json_text(defaults[name])
    }


def _epochs(run: Run, width: int) -> Iterator[str]:
    """Writes the epochs, of many of them some, with a mark at the best one."""
    best, last = (run.best_epoch or 0) - 1, len(run.history) - 1
    ends = {at for at in (0, best, last) if at >= 0}
    shown = [i for i in range(last + 1) if any(abs(i - at) <= AROUND for at in ends)]
    names = [name for name in run.history[0] if name not in NOT_SHOWN]
    while True:
        titles = ["  epoch", *(each.replace("_", " ") for each in names), "learning rate", "time"]
        rows = headings(titles)
        for i in shown:
            row = run.history[i]
            cells = [figure(row.get(name)) for name in (*names, "learning_rate")]
            rows.append(
                [f"{'*' if i == best else ' '} {i + 1}", *cells, duration(row.get("seconds"))]
            )
            if i < last and i + 1 not in shown:
                rows.append(["  …", *[""] * (len(titles) - 1)])
        lines = table(rows)
        if not names or max(map(len, lines)) <= width:
            break
        trained = [name for name in names if not name.startswith("val_")]
        names.remove([*names, *trained][-1])  # figures of the validation split are the last to go
    yield from lines
    if best >= 0:
        kept = "whose weights were kept" if run.epoch else f"by val {run.monitor}"
        yield f"* the best epoch, {kept}"


def _figures(run: Run) -> list[str]:
    rows = [["", "test", "validation"]]
    for name in dict.fromkeys([*run.test, *run.validation]):
        if not isinstance(run.test.get(name), str):  # how something was counted
            parts = (run.test, run.validation)
            cells = [figure(part[name]) if name in part else "" for part in parts]
            rows.append([name.replace("_", " "), *cells])
    return table(rows)


def _files(run: Run) -> dict[str, int]:
    """Returns the bytes of each file, and of each folder with a slash behind its name."""
    found: dict[str, int] = {}
    for path in sorted(run.folder.rglob("*")):
        if path.is_file():
            first, *rest = path.relative_to(run.folder).parts
            name = f"{first}/" if rest else first
            found[name] = found.get(name, 0) + path.stat().st_size
    return found
