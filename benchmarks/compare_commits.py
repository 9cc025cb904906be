"""Whether two commits train the same weights: embedded recipes and small files, shortened.

    python benchmarks/compare_commits.py OLD NEW [--jobs dates …] [--set NAME=VALUE …]
                                         [--shared FOLDER]

Both commits run on this machine, each job in a process of its own with the same environment, on few
examples, for two epochs. After each epoch all arrays of the model from which the training goes on,
those of the optimizer too, are compared bit by bit. Where a new default is to change what is
trained, `--set` gives the newer commit the value that the older one goes by; jobs whose command has
no such option do without. The recipes of real data are trained where `--shared` is given, a folder
with `tfds`, prepared tensorflow-datasets, and `data`, with `multi30k`. The exit code is 1 where
something differs.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import io
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence

ROOT = pathlib.Path(__file__).resolve().parents[1]
FILES = ROOT / "tests" / "fixtures" / "format_1" / "data"
EPOCHS, STEPS = 2, 20  # at most so many batches in an epoch
# Jobs, and how many examples of each split of an embedded data set are made; all where they are
# sorted by class.
JOBS = {
    "dates": ("translate --config dates", 1024),
    "languages": ("classify --config languages", None),
    "python_tokens": ("tag --config python_tokens", 512),
    "entities": ("tag --data entities --output-layer crf --characters --units 17", None),
    "digits": ("caption --config digits", 512),
    "moving_digits": ("frames --config moving_digits", 128),
    "python_docs": ("language-model --config python_docs --min-count 2", 1024),
    "dialogues": ("translate --data dialogues.tsv --turns 2 --level word --units 17", None),
    "series": ("forecast --data series.csv --window 7 --horizon 2 --units 17", None),
    "images": ("classify --data digits/labels.tsv --units 17 --batch-size 7", None),
}
QUALITY = {
    "imdb_reviews": "classify",
    "sst2": "classify",
    "mnist": "classify",
    "en_ewt": "tag",
    "wikiann": "tag",
    "multi30k": "translate",
    "multi30k_no_attention": "translate",
    "tiny_shakespeare": "language-model",
}
SHARED = "COMPARE_SHARED"  # where a process finds that folder


def command(job: str) -> str:
    """What trains a job, without its output."""
    if job in JOBS:
        return JOBS[job][0]
    where = "--data-dir {}/tfds"
    if job.startswith("multi30k"):
        where = "--data {}/data/multi30k"
    shared = shlex.quote(os.environ[SHARED])
    return f"{QUALITY[job]} --config quality/{job} {where.format(shared)}"


def train(job: str, folder: pathlib.Path, new_options: Sequence[str]) -> None:
    """Trains one job with the package that is imported; leaves `epoch-1.keras`, …"""
    words, (_, examples) = command(job), JOBS.get(job, ("", None))
    import keras
    import tensorflow_datasets as tfds

    from kerasrnn.cli.main import main

    first = tfds.download.DownloadConfig(max_examples_per_split=examples)
    prepare, fit = tfds.core.DatasetBuilder.download_and_prepare, keras.Model.fit

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            (state,) = (folder / "run" / "state").glob("epoch-*.keras")
            shutil.copyfile(state, folder / f"epoch-{epoch + 1}.keras")
            if epoch + 1 == EPOCHS:
                raise KeyboardInterrupt  # what follows changes no weights

    def fit_and_keep(self, *args, callbacks, steps_per_epoch, **options):
        options |= {"steps_per_epoch": min(STEPS, steps_per_epoch)}
        return fit(self, *args, callbacks=[*callbacks, Keep()], **options)

    keras.Model.fit = fit_and_keep
    tfds.core.DatasetBuilder.download_and_prepare = lambda self, **options: prepare(
        self, **{"download_config": first, **options}
    )
    task, *options = shlex.split(words)
    with contextlib.redirect_stdout(io.StringIO()) as output:
        main(["train", task, "--help"])
    for option in new_options:
        name, _, value = option.partition("=")
        if re.search(rf"--{name}(?![\w-])", output.getvalue()):
            options += [f"--{name}", value]
    options += ["--output", str(folder / "run"), "--epochs", str(EPOCHS)]
    main(["train", task, *options])


def process(job: str, commit: pathlib.Path, folder: pathlib.Path, options: Sequence[str]) -> str:
    """Trains one job in a process with the package of one commit; returns why it failed, if so."""
    folder.mkdir()
    if "--data" in JOBS.get(job, ("",))[0]:
        shutil.copytree(FILES, folder, dirs_exist_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(commit),
        "TFDS_DATA_DIR": str(folder / "tfds"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "COLUMNS": "200",
    }
    program = [sys.executable, __file__, str(folder), str(commit), "--child", job]
    program += [f"--set={option}" for option in options]
    done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True)
    if (folder / f"epoch-{EPOCHS}.keras").exists():
        return ""
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def arrays(model: pathlib.Path) -> dict[str, object]:
    """Reads all arrays of a `.keras` file, by their paths in it."""
    import h5py

    found = {}
    with zipfile.ZipFile(model) as file:
        weights = io.BytesIO(file.read("model.weights.h5"))
    with h5py.File(weights, "r") as file:
        file.visititems(
            lambda path, item: found.update({path: item[()]} if hasattr(item, "shape") else {})
        )
    return found


def difference(old: pathlib.Path, new: pathlib.Path) -> str:
    """Says in a few words how the arrays of two models differ; "" where they do not."""
    import numpy as np

    one, other = arrays(old), arrays(new)
    if one.keys() != other.keys():
        only = sorted(one.keys() ^ other.keys())
        return f"{len(only)} arrays in one alone, such as {only[0]}"
    differ = [path for path in one if one[path].tobytes() != other[path].tobytes()]
    if not differ:
        return ""
    if any(one[path].shape != other[path].shape for path in differ):
        return "other shapes"
    wide = [(one[path].astype("float64"), other[path].astype("float64")) for path in differ]
    greatest = max(np.abs(a - b).max() for a, b in wide)
    return f"{len(differ)} of {len(one)} arrays, by {greatest:.2g} at most"


@contextlib.contextmanager
def worktree(commit: str, folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """Checks a commit out into a new folder, and takes it away in the end."""
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", folder, commit], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", folder], check=True)


def compare(job: str, old: pathlib.Path, new: pathlib.Path, options: Sequence[str]) -> bool:
    """Runs a job in both commits at the same time, and prints a row for each epoch."""
    began, folders = (
        time.perf_counter(),
        [each.parent / f"{each.name}-{job}" for each in (old, new)],
    )
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        todo = zip((job, job), (old, new), folders, ((), options), strict=True)
        failures = list(pool.map(lambda each: process(*each), todo))
    seconds, same = time.perf_counter() - began, not any(failures)
    for commit, failure in zip(("old", "new"), failures, strict=True):
        if failure:
            print(f"| {job} | | the {commit} commit fails: {failure} | {seconds:.0f} |", flush=True)
    for epoch in range(1, EPOCHS + 1) if same else ():
        found = difference(*(folder / f"epoch-{epoch}.keras" for folder in folders))
        same = same and not found
        print(f"| {job} | {epoch} | {found or 'equal'} | {seconds:.0f} |", flush=True)
    for folder in folders:
        shutil.rmtree(folder)
    return same


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", help="the older commit")
    parser.add_argument("new", help="the newer one")
    jobs = [*JOBS, *QUALITY]
    parser.add_argument("--jobs", nargs="+", choices=jobs)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--shared", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--child", choices=jobs, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        import kerasrnn

        assert pathlib.Path(kerasrnn.__file__).is_relative_to(options.new), kerasrnn.__file__
        train(options.child, pathlib.Path(options.old), options.set)
        return 0
    chosen = options.jobs or (jobs if options.shared else list(JOBS))
    if options.shared:
        os.environ[SHARED] = str(options.shared.resolve())
    elif set(chosen) & set(QUALITY):
        parser.error("Expected --shared with recipes of real data. Received: none")
    with (
        tempfile.TemporaryDirectory(prefix="compare-") as temporary,
        contextlib.ExitStack() as stack,
    ):
        folder = pathlib.Path(temporary).resolve()
        old, new = (
            stack.enter_context(worktree(commit, folder / name))
            for name, commit in (("old", options.old), ("new", options.new))
        )
        print(f"| job | epoch | {options.old} and {options.new} | seconds |\n|---|---|---|---|")
        same = [compare(job, old, new, options.set) for job in chosen]
    print("All weights are equal." if all(same) else "Some weights differ.")
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
