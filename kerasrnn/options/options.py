"""What the options of every task are, and what comes from them beside the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from kerasrnn.checks import UserError
from kerasrnn.files import check_data
from kerasrnn.options.data_size import DataSize
from kerasrnn.options.fields import (
    FOLLOWS,
    FREE,
    Field,
    Unrecorded,
    check_fields,
    check_recorded,
    fields_of,
)
from kerasrnn.options.ranges import Count, NonNegative, Positive, Ratio, Seed, Share
from kerasrnn.options.source import Source
from kerasrnn.options.words import Schedule

__all__ = ["Options"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a training that every task has.

    A task's class inherits the groups of options that it has, adds its own, and overrides what
    differs. A field is written `name: type = default`, its range belongs to the type (see
    `options.ranges`), and its help stands under `Args` of the class. From it come the command line,
    recipes, `config.json`, the checks, and what a resumed run compares.

    Args:
        epochs: Maximum number of epochs; training ends sooner when it no longer helps.
        batch_size: Examples in a batch.
        learning_rate: Learning rate at the start; plain SGD wants 1 or more.
        clipnorm: Maximum global norm of the gradient.
        ema_momentum: What remains of the average of the weights at each step, such as 0.999; the
            average is what is validated, tested and saved. 0 for none.
        ema_epochs: About how many epochs the average of the weights goes back, such as 1; instead
            of `ema_momentum`, it means the same on data of any size, and the first weights do not
            linger in it. 0 for none.
        min_improvement: Factor by which the loss of the validation split has to fall for a gain to
            count, see `schedule`. Averages of weights, which improve slowly, need less, such as
            1.001.
        schedule: How validation steers the training, by its perplexity, or by its loss (forecast;
            tag with a CRF). plateau compares with the best epoch: after `patience` epochs in a row
            without a gain it goes back to the best weights and halves the learning rate, and ends
            where it would do so for the third time in a row in vain. mikolov compares with the
            epoch before: the first epoch without a gain starts to halve the rate in each epoch, the
            second one ends the training. Both keep the weights of the best epoch.
        patience: Epochs without a gain that plateau waits for.
        seed: Seed of every random choice.

    Raises:
        ValueError: For a value of another type, or out of its range, or for both averages.
    """

    # What `kerasrnn train` calls the task.
    task: ClassVar[str] = ""
    # The embedded data sets, the main one first, and names of tensorflow-datasets as examples.
    embedded: ClassVar[tuple[str, ...]] = ()
    prepared: ClassVar[tuple[str, ...]] = ()
    # Names of inherited options that the task has no use for: it has them not.
    without: ClassVar[tuple[str, ...]] = ()

    epochs: Annotated[Count | None, FREE, FOLLOWS] = 10
    batch_size: Annotated[Count | None, FOLLOWS] = 64
    learning_rate: Positive = 0.003
    clipnorm: Positive = 1.0
    ema_momentum: Share = 0.0
    ema_epochs: Annotated[NonNegative | None, FOLLOWS, Unrecorded(0.0)] = 0.0
    min_improvement: Ratio = 1.003
    schedule: Annotated[Schedule, Unrecorded("mikolov")] = "plateau"
    patience: Annotated[Count, Unrecorded(2)] = 2
    seed: Seed = 1

    def __post_init__(self) -> None:
        check_fields(self)
        for field in fields_of(type(self)):
            if field.name in self.without and getattr(self, field.name) != field.default:
                raise UserError(
                    f"Expected an option of the task {self.task}. Received: `{field.name}`"
                )
        if self.ema_momentum and self.ema_epochs:
            raise UserError(
                "Expected one of `ema_momentum` and `ema_epochs`, the other one 0. Received: "
                f"ema_momentum={self.ema_momentum}, ema_epochs={self.ema_epochs}"
            )

    @classmethod
    def fields(cls) -> tuple[Field, ...]:
        """Returns the options of the class, in the order of its groups."""
        return tuple(field for field in fields_of(cls) if field.name not in cls.without)

    def chosen(self, size: DataSize) -> dict[str, Any]:
        """Returns by name what options that are left out are for data of some size.

        Args:
            size: That of the training data.
        """
        return {}

    def following(self, size: DataSize) -> Self:
        """Returns these options, where those that were left out have the values that are chosen.

        Args:
            size: That of the training data.

        Example:

        >>> options.Tag(data="a.conll").following(options.DataSize(2000, 9.5)).batch_size
        32
        """
        chosen = self.chosen(size)
        left = (each for each in self.fields() if each.follows and getattr(self, each.name) is None)
        values = {each.name: chosen.get(each.name, each.default) for each in left}
        return dataclasses.replace(self, **values)

    def source(self, data: str, split: str | None) -> Source:
        """Says how a split of some data is read, as that of the training is.

        Args:
            data: A data set's name or a file.
            split: The split; `None` for all of a file.
        """
        return Source(data, split)

    def sources(self) -> list[str]:
        """Returns the data sets and files that the training reads examples from."""
        return []

    def check_held_out(self, data: str, split: str | None) -> None:
        """Raises a `UserError` for rows to evaluate that the training has seen, however it splits.

        Args:
            data: A data set's name or a file.
            split: The split; `None` for all of a file.
        """

    def reading(self) -> dict[str, Any]:
        """Returns what says how they are read; by it examples that are kept are found again."""
        return {}

    def check_paths(self) -> None:
        """Raises a `UserError` for data or a file that is not there."""
        for data in self.sources():
            check_data(data)

    def record(self) -> dict[str, Any]:
        """Returns the values by name, such that JSON can hold them.

        Example:

        >>> options.Forecast(data="tides.csv", columns=["level"]).record()["columns"]
        ['level']
        """
        found = ((field.name, getattr(self, field.name)) for field in self.fields())
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found}

    @classmethod
    def recorded(cls, record: Mapping[str, Any]) -> Self:
        """Makes the options that a run has recorded.

        Args:
            record: Values by name, which are taken as they are, whatever their range is today.
                What is missing has the value by which runs went that were older than the option;
                names that are no options (any more) mean nothing.

        Raises:
            UserError: For a value of another type.

        Example:

        >>> options.Classify.recorded({"data": "reviews.tsv"}).bad_rows
        'keep'
        """
        found = cls.__new__(cls)  # unchecked: what a run went by is no order for another one
        for field in fields_of(cls):
            # A task that was made in Python may have recorded nothing.
            value = "" if field.required else field.unrecorded
            value = field.default if field.name in cls.without else value
            if field.name in record:
                value = check_recorded(field, record[field.name])
            object.__setattr__(found, field.name, value)
        return found

    def resuming(self, record: Mapping[str, Any]) -> Self:
        """Returns the options with which a run goes on that was begun by an older version.

        Args:
            record: Those that the run has recorded.

        Returns:
            These options, where one that the run has not recorded has the value that it went by,
            and one that is left out is as it was chosen, or as its default was.

        Example:

        >>> options.Tag(data="a.conll", units=5).resuming({"data": "a.conll", "units": 5}).scheme
        """
        older = {
            field.name: field.unrecorded
            for field in self.fields()
            if field.name not in record and field.unrecorded != field.default
        }
        chosen = {
            field.name: record[field.name]
            for field in self.fields()
            if field.name in record and self._left_out(field, record[field.name])
        }
        return dataclasses.replace(self, **older, **chosen)

    def _left_out(self, field: Field, recorded: Any) -> bool:
        """Whether an option has its default, and a run was begun with what that was then."""
        value = getattr(self, field.name)
        if field.follows and value is None:
            return True
        changed = field.says_unrecorded and field.unrecorded != field.default
        return changed and value == field.default and recorded == field.unrecorded

    def differences(self, record: Mapping[str, Any]) -> list[str]:
        """Lists where a run was begun with other options than its continuation may have.

        Args:
            record: What the run has recorded; an option that it has not recorded does not count.

        Example:

        >>> options.Translate(data="dates", units=96).differences({"data": "dates", "units": 64})
        ['units=64, now 96']
        """
        today = self.record()
        return [
            f"{field.name}={record[field.name]!r}, now {today[field.name]!r}"
            for field in self.fields()
            if not field.free and field.name in record and record[field.name] != today[field.name]
        ]
