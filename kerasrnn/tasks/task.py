"""What all tasks share: one folder that holds everything, and an export."""

from __future__ import annotations

import abc
import dataclasses
import functools
import itertools
import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.files import (
    CONFIG,
    MODEL,
    content_digest,
    file_digest,
    flush,
    numbered_lines,
    read_config,
    scratch_folder,
    write_beside,
    write_sealed,
)
from kerasrnn.options import Options, Source
from kerasrnn.tasks.records import named, no_classes
from kerasrnn.tasks.runs.model_file import write_model
from kerasrnn.tasks.runs.origin import utc_date
from kerasrnn.tasks.runs.versions import versions
from kerasrnn.tasks.served import Served

__all__ = ["FORMAT", "Task"]

# What is written; format 1, which has no options of tokenizers beside their vocabularies, is read.
FORMAT = 2
LINES_AT_ONCE = 1024


class Task(Served):
    """A model with what it needs to take raw input and to give raw output.

    A subclass says its `name` and the class of its options, makes its signatures, which all its
    answers come from, and reads and measures raw examples. Where it has more than its model it
    stores that too.

    Args:
        model: A `keras.Model` of the factories.
        settings: What the training was told, for the record; anything that JSON can hold.

    Attributes:
        origin: When its training began, and the digests of its data, as far as that is recorded;
            `None` for a task that was not trained into a folder, which is dated when it is saved.
    """

    name: str
    # The output of the signature that is the answer.
    served_answer = "text"
    # What one input is called in a table of answers, and which parts of a record, see `records`,
    # hold a value for each step of it: by their names those of their columns.
    unit = "input"
    steps: Mapping[str, str] = {}
    # What a table of `mistakes` holds.
    mistakes_in_words = "what is wrong"

    options_class: type[Options] = Options

    def __init__(self, model: keras.Model, settings: Mapping[str, Any] | None = None):
        self.model = model
        self.settings = dict(settings or {})
        self.origin: dict[str, Any] | None = None

    @functools.cached_property
    def options(self) -> Any:
        """What the training was told, as options of today's version of the task."""
        return self.options_class.recorded(self.settings)

    def predict(self, inputs: Iterable[Any], batch_size: int = 256) -> list[Any]:
        """Turns raw inputs into raw outputs: what the signature has under `served_answer`.

        Args:
            inputs: The inputs, in any number.
            batch_size: Inputs in a batch; like lengths go together, the order stays.

        Returns:
            An answer for each: a text, a number, or a list of them.
        """
        outputs = self.call("serving_default", inputs, batch_size)
        return [_plain(answer) for answer in outputs.get(self.served_answer, [])]

    def read(
        self,
        data: str,
        split: str | None,
        data_dir: str | None = None,
        *,
        features: Mapping[str, str] | str | None = None,
        encoding: str | None = None,
    ) -> Any:
        """Reads the raw examples that `evaluate` takes.

        Args:
            data: A data set's name or a file, as the training takes them.
            split: `"train"`, `"validation"` or `"test"`; `None` for all of a file.
            data_dir: Folder of prepared tensorflow-datasets; that of the training by default.
            features: Which features or columns are meant; those of the training by default.
            encoding: That of a file; that of the training by default.

        Raises:
            ValueError: For data that cannot be read, or rows to evaluate that were trained on.
        """
        self.options.check_held_out(data, split)
        given = {"data_dir": data_dir, "features": features, "encoding": encoding}
        given = {name: value for name, value in given.items() if value is not None}
        return self.read_source(dataclasses.replace(self.options.source(data, split), **given))

    @abc.abstractmethod
    def read_source(self, source: Source) -> Any:
        """Reads the raw examples that `evaluate` takes from where they are."""

    @abc.abstractmethod
    def evaluate(self, examples: Any) -> dict[str, Any]:
        """Measures on raw examples with their right answers."""

    def parse_lines(self, lines: Sequence[str], folder: str | os.PathLike[str] = ".") -> list[Any]:
        """Turns lines of text, as the command line reads them, into inputs of `predict`.

        Args:
            lines: The lines.
            folder: Where files that the lines name may be too.
        """
        return list(lines)

    def file_inputs(
        self,
        path: str | os.PathLike[str],
        *,
        features: Mapping[str, str] | str | None = None,
        encoding: str = "utf-8",
    ) -> Iterator[Any]:
        """Reads inputs of `predict` from a file, by the reader of the training.

        Args:
            path: A file as the training takes it, with or without what is to be predicted; of any
                other file, each line is an input.
            features: Which columns are meant; those of the training by default.
            encoding: That of the file.

        Returns:
            The inputs, in the order of the file, which is read as they are taken.

        Raises:
            ValueError: For a file that is not there, or a row that cannot be read, which is named.
        """
        own = self.options.source(os.fspath(path), None)
        return self.read_inputs(
            dataclasses.replace(own, features=features or own.features, encoding=encoding)
        )

    def read_inputs(self, source: Source) -> Iterator:
        """Reads inputs of `predict` from where they are; each line of a file is one by default."""
        lines = (line for _, line in numbered_lines(source.data, source.encoding))
        while some := list(itertools.islice(lines, LINES_AT_ONCE)):
            yield from self.parse_lines(some, pathlib.Path(source.data).parent)

    def answers(self, inputs: Iterable[Any]) -> Iterable:
        """Answers inputs with what is printed, an item a line: texts, numbers, or lists of them."""
        return map(self.line_of, self.predict(inputs))

    def line_of(self, answer: Any) -> Any:
        """Returns what is printed of an answer.

        Args:
            answer: One of `predict`, or what an export gave, where lists may be padded.
        """
        return answer

    @property
    def shown_output(self) -> tuple[str, str]:
        """The signature and its output that show what an export answers."""
        return "serving_default", self.served_answer

    def records(
        self, inputs: Iterable[Any], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        """Answers inputs with all that a table of answers holds.

        Args:
            inputs: As those of `predict`.
            probabilities: Whether the probabilities of all classes belong to it.

        Returns:
            For each input the input, the answer, and how sure the model is of it where it can tell,
            by name, such that JSON can hold it. Of the parts that the class names as `steps`, each
            has a value for each step.

        Raises:
            ValueError: Where there are no classes that could have probabilities.
        """
        no_classes(probabilities, self.served_answer)
        inputs = self.checked(inputs)
        answers = zip(named(inputs), self.predict(inputs), strict=True)
        return [{self.unit: each, self.served_answer: answer} for each, answer in answers]

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        """Writes everything but the model, and returns what else goes into `config.json`.

        Args:
            folder: An empty folder, whose files are put into that of the run. `config.json` records
                a digest of each, so that one that has changed is noticed.
        """
        return {}

    @classmethod
    def load_parts(cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]) -> Task:
        """Makes the task from what `save_parts` wrote.

        Args:
            folder: The folder.
            model: The model.
            config: What its `config.json` holds; `settings` is what the training was told.
        """
        return cls(model, settings=config["settings"])

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Saves everything that `kerasrnn.load` needs into one folder.

        Args:
            folder: A folder that is not there yet, or is empty.

        Raises:
            ValueError: Where the folder already holds something.
        """
        folder = pathlib.Path(folder)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(f"Expected a new or an empty folder. Received: {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        self.save_settings(folder)
        self.save_model(folder)

    def save_settings(self, folder: pathlib.Path) -> None:
        """Writes vocabularies, settings and versions into an existing folder."""
        # What a task writes is written aside, so that it is known which files these are.
        with scratch_folder(folder, "parts") as aside:
            config = {"format": FORMAT, "task": self.name, **self.save_parts(aside)}
            files = {each.name: file_digest(each) for each in sorted(aside.iterdir())}
            for name in files:
                os.replace(aside / name, folder / name)
        flush(folder, within=False)
        origin = {"date": utc_date()} if self.origin is None else self.origin
        config |= {"settings": self.settings, **origin, "versions": versions(), "files": files}
        # By which a model is bound to it, whatever is chosen later on.
        write_sealed(folder / CONFIG, {**config, "run": content_digest(config)})

    def save_model(self, folder: pathlib.Path) -> None:
        """Writes the model with the state of its optimizer, in place of the one there."""
        run = read_config(folder).get("run")
        write_beside(folder / MODEL, lambda place: write_model(self.model, place, run))


def _plain(answer):
    """An answer as Python has it: a text of bytes, and numbers, or lists, of arrays."""
    return answer.decode("utf-8") if isinstance(answer, bytes) else answer.tolist()
