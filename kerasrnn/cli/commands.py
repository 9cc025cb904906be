"""One function for each command; its signature is the command line.

What is heavy to import is imported inside, so that `--help` and a mistyped word answer at once.
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Iterator
from typing import Annotated, Literal

from cyclopts import Parameter

from kerasrnn.cli.quiet import quiet_stderr

__all__ = ["evaluate", "export", "predict", "train_translate"]


def train_translate(
    *,
    config: str | None = None,
    data: str,
    output: str,
    data_dir: str | None = None,
    level: Literal["character", "word", "whitespace"] = "character",
    min_count: int = 1,
    max_vocabulary_size: int | None = None,
    cell: Literal["simple_rnn", "lstm", "gru"] = "gru",
    units: int = 64,
    num_layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.0,
    attention: Literal["none", "dot", "scaled_dot", "general", "additive"] = "dot",
    embedding: int = 64,
    epochs: int = 10,
    batch_size: int = 64,
    learning_rate: float = 0.003,
    clipnorm: float = 1.0,
    seed: int = 1,
    resume: bool = False,
) -> None:
    """Train an encoder-decoder that turns a text into another one.

    Args:
        config: YAML file with any of these options; the command line wins over it.
        data: `dates`, a tensorflow-datasets name of text pairs, or a .tsv file (a source, a tab
            and a target on each line).
        output: Folder of the run, which gets model, vocabularies, metrics and pictures.
        data_dir: Folder of prepared tensorflow-datasets.
        level: What a token is.
        min_count: Tokens that occur less often in training become one unknown token.
        max_vocabulary_size: The greatest number of ids of either side.
        cell: Recurrent cell.
        units: Units of each encoder layer and direction.
        num_layers: Layers of the encoder and of the decoder.
        bidirectional: Whether the encoder also reads from the end.
        dropout: Share of the inputs of each layer that is dropped.
        attention: Score of the attention over all encoder states.
        embedding: Size of the token vectors.
        epochs: The greatest number of epochs; training ends sooner when it no longer helps.
        batch_size: Pairs in a batch.
        learning_rate: Learning rate of Adam at the start.
        clipnorm: The greatest global norm of the gradient.
        seed: Seed of every random choice.
        resume: Continue the run in the output folder from the end of its last epoch.
    """
    options = {name: value for name, value in locals().items() if name != "config"}
    with quiet_stderr():
        import tensorflow_datasets

        from kerasrnn.tasks.train_translator import train_translator
    if not sys.stderr.isatty():  # in a file, its bars are pages of fragments
        tensorflow_datasets.disable_progress_bar()
    train_translator(**options)
    print(f"{output} holds model.keras, vocabularies, config.json, metrics.json, history.csv,")
    print("learning_curve.png and, with attention, attention.png.")
    print(f"Next: kerasrnn predict {output}   or   kerasrnn export {output} saved_models/NAME")


def predict(run: str, file: Annotated[str, Parameter(allow_leading_hyphen=True)] = "-", /) -> None:
    """Predict with a trained run: a line in, a line out.

    Args:
        run: Folder of the run.
        file: Text file, - for standard input.
    """
    with quiet_stderr():
        from kerasrnn.tasks import load
    task = load(run)
    for lines in _batches_of_lines(file):
        for answer in task.predict(lines):
            print(" ".join(answer.splitlines()), flush=sys.stdout.isatty())


def evaluate(
    run: str,
    /,
    *,
    data: str | None = None,
    split: Literal["train", "validation", "test"] = "test",
    data_dir: str | None = None,
) -> None:
    """Evaluate a trained run; the last line of the output is one JSON object.

    Args:
        run: Folder of the run.
        data: Data set or file; that of the training by default.
        split: Split of the data set.
        data_dir: Folder of prepared tensorflow-datasets; that of the training by default.
    """
    with quiet_stderr():
        from kerasrnn.datasets import text_pairs
        from kerasrnn.tasks import load
    task = load(run)
    data = data or task.settings.get("data")
    if data is None:
        raise ValueError(f"Expected --data: {run} does not say what it was trained on")
    pairs = text_pairs(data, split, data_dir or task.settings.get("data_dir"))
    print(json.dumps({"data": data, "split": split, **task.evaluate(pairs)}))


def export(run: str, directory: str, /) -> None:
    """Export a trained run as the next version of a SavedModel, and check it.

    Args:
        run: Folder of the run.
        directory: Folder of the versions, such as saved_models/dates.
    """
    with quiet_stderr():
        from kerasrnn.export import run_elsewhere
        from kerasrnn.tasks import load
    task = load(run)
    examples = _examples(run)
    folder = task.export(directory, tuple(examples))
    print(f"{folder} is the new version. In a process that imports only TensorFlow:")
    for (source, target), answer in zip(
        examples.items(), run_elsewhere(folder, list(examples)), strict=True
    ):
        print(f"  {source} -> {answer}" + ("" if answer == target else f" (wanted: {target})"))


def _examples(run: str) -> dict[str, str]:
    """Reads a few inputs and their right outputs from a run, or takes an empty text."""
    path = pathlib.Path(run, "metrics.json")
    content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return content.get("examples") or {"": ""}


def _batches_of_lines(file: str, size: int = 1024) -> Iterator[list[str]]:
    """Reads lines; from a terminal each is answered at once."""
    if file != "-" and not pathlib.Path(file).is_file():
        raise ValueError(f"Expected a text file. Received: {file!r}, which is not there")
    stream = sys.stdin.buffer if file == "-" else open(file, "rb")
    size = 1 if stream.isatty() else size
    with stream:
        lines = []
        for number, line in enumerate(stream, start=1):
            try:
                lines.append(line.decode("utf-8").rstrip("\r\n"))
            except UnicodeDecodeError as error:
                name = "standard input" if file == "-" else file
                raise ValueError(f"{name}, line {number}: expected UTF-8. {error}") from None
            if len(lines) == size:
                yield lines
                lines = []
        if lines:
            yield lines
