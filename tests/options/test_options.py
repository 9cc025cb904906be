"""Options as classes: what is checked, recorded, compared, and shown."""

import dataclasses
import json
import pathlib
import typing

import numpy as np
import pytest

from kerasrnn.checks import UserError
from kerasrnn.options import (
    FREE,
    Classify,
    DataSize,
    Forecast,
    Options,
    Tag,
    Translate,
    Unrecorded,
)
from kerasrnn.options.fields import fields_of
from kerasrnn.options.groups import NamedData, Recurrent
from kerasrnn.options.ranges import Count, Share
from kerasrnn.options.words import Cell
from kerasrnn.tasks.registry import registered

CLASSES = [entry.options for entry in registered().values()]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Span(NamedData, Recurrent):
    """Finds spans.

    More of it.

    Args:
        width: Tokens of a span,
            at most.
        cell: Another text.
        label_dropout: Share of the labels.
    """

    task: typing.ClassVar[str] = "span"

    width: Count = 7
    cell: Cell = "gru"
    label_dropout: typing.Annotated[Share, Unrecorded(0.5), FREE] = 0.25


def test_a_class_is_flat_and_overrides_what_differs():
    options = Span(data="a.tsv", units=11)
    assert (options.width, options.cell, options.units, options.epochs) == (7, "gru", 11, 10)
    names = [field.name for field in Span.fields()]
    assert names[:5] == ["data", "data_dir", "features", "width", "label_dropout"]
    assert names[5:9] == ["cell", "units", "num_layers", "dropout"]
    assert names[-10:] == [field.name for field in fields_of(Options)]
    by_name = {field.name: field for field in Span.fields()}
    assert by_name["width"].help == "Tokens of a span, at most."
    assert by_name["cell"].help == "Another text."
    assert by_name["units"].help == "Units of each layer and direction."
    assert by_name["data"].required and not by_name["data_dir"].required
    assert by_name["label_dropout"].free and not by_name["width"].free
    assert typing.get_args(by_name["cell"].type) == typing.get_args(Cell)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.task)
def test_every_option_has_a_help_and_a_default_that_fits(cls):
    for field in cls.fields():
        assert field.help.endswith((".", "…")), field.name
        assert field.required or field.check(field.default) == field.default
    with pytest.raises(TypeError, match="data"):
        cls()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"units": 0}, "`units` to be an integer of at least 1. Received: 0"),
        ({"units": 2.0}, "`units` to be an integer of at least 1. Received: 2.0"),
        ({"units": True}, "`units` to be an integer of at least 1. Received: True"),
        ({"dropout": 1}, "`dropout` to be a number from 0 to below 1. Received: 1"),
        ({"dropout": float("nan")}, "`dropout`"),
        ({"cell": "lstmm"}, r"`cell` to be one of \('simple_rnn', .*. Received: 'lstmm'"),
        ({"cell": "elman"}, "`cell`"),
        ({"level": "letter"}, "`level`"),
        ({"data": 3}, "`data` to be a string. Received: 3"),
        ({"data": None}, "`data` to be a string. Received: None"),
        ({"bidirectional": 1}, "`bidirectional` to be True or False. Received: 1"),
        ({"max_vocabulary_size": 4}, "`max_vocabulary_size` to be an integer of at least 5"),
        ({"seed": -1}, "`seed`"),
        (
            {"ema_momentum": 0.5, "ema_epochs": 1},
            "one of `ema_momentum` and `ema_epochs`, the other one 0. Received: "
            "ema_momentum=0.5, ema_epochs=1.0",
        ),
        ({"min_improvement": 0.9}, "`min_improvement`"),
        ({"learning_rate": 0}, "`learning_rate` to be a finite number above 0. Received: 0"),
    ],
)
def test_wrong_values_are_one_sentence(changes, said):
    with pytest.raises(UserError, match=said):
        Translate(**{"data": "dates", **changes})
    with pytest.raises(UserError, match=said):  # replaced, it is the same
        dataclasses.replace(Translate(data="dates"), **changes)


def test_values_have_one_form():
    options = Translate(data=pathlib.Path("a") / "b.tsv", units=np.int64(13))
    assert options.data == "a/b.tsv" and type(options.units) is int
    forecast = Forecast(data="x.csv", columns=["level", "moon"])
    assert forecast.columns == ("level", "moon") and hash(forecast)
    for wrong in ("level", [1, 2]):
        with pytest.raises(UserError, match="`columns` to be a list of strings"):
            Forecast(data="x.csv", columns=wrong)
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.units = 5


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.task)
def test_a_record_is_json_and_gives_the_same_options(cls):
    sizes = {"units": 5} if "units" in {field.name for field in cls.fields()} else {}
    options = cls(data="x.csv", seed=3, **sizes)
    record = json.loads(json.dumps(options.record()))
    assert set(record) == {field.name for field in cls.fields()}
    assert cls.recorded(record) == options
    assert cls.recorded({**record, "gone": 1}) == options
    assert options.differences(record) == [] and options.resuming(record) == options


def test_what_a_run_recorded_is_taken_as_it_is():
    """A record is no order: ranges may have been wider, or it was written by hand."""
    found = Translate.recorded({"data": "a", "units": 0, "cell": "spiking", "turns": -1})
    assert (found.units, found.cell, found.turns) == (0, "spiking", -1)
    assert Forecast.recorded({"data": "a", "columns": ["x"]}).columns == ("x",)
    assert Forecast.recorded({"data": "a", "learning_rate": 1}).learning_rate == 1
    wrong = ({"turns": "many"}, {"data": None}, {"units": 7.5}, {"cell": ["lstm"]}, {"features": 7})
    for record in wrong:
        with pytest.raises(UserError, match=f"`{next(iter(record))}` as a run records it"):
            Translate.recorded({"data": "a", **record})
    with pytest.raises(UserError, match="`columns` to be a list of strings"):
        Forecast.recorded({"data": "a", "columns": ["x", 7]})


def test_an_option_keeps_its_marks_where_its_default_differs():
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Wide(Span):
        """Wider.

        Args:
            width: Another text.
        """

        epochs: Count = 3
        features: str | None = "a=b"
        label_dropout: Share = 0.75

    fields = {field.name: field for field in Wide.fields()}
    assert fields["epochs"].free and fields["epochs"].default == 3
    assert fields["features"].of_data and not fields["width"].free
    assert fields["label_dropout"].unrecorded == 0.5 and fields["label_dropout"].says_unrecorded
    assert fields["epochs"].help == "Maximum number of epochs; training ends sooner when it " + (
        "no longer helps."
    )


def test_what_a_run_has_not_recorded():
    assert Span.recorded({"data": "a"}).label_dropout == 0.5
    assert Span.recorded({"data": "a"}).width == 7
    assert Span.recorded({}).data == "" and Span.recorded({}).sources() == []
    now = Span(data="a", width=3)
    older = Span(data="a", width=3, label_dropout=0.5, schedule="mikolov", recurrence="keras")
    assert now.resuming({"data": "a"}) == older
    recorded = {"data": "a", "label_dropout": 0.1, "schedule": "plateau"}
    assert now.resuming(recorded) == dataclasses.replace(now, recurrence="keras")


def test_a_continuation_differs_in_nothing_but_what_is_free():
    before = Span(data="a", data_dir="one", epochs=2).record()
    assert Span(data="a", data_dir="two", epochs=9, label_dropout=0.1).differences(before) == []
    assert Span(data="b", width=5).differences(before) == ["data='a', now 'b'", "width=7, now 5"]
    del before["width"]  # an option that is newer than the run does not count
    assert Span(data="a", width=5).differences(before) == []
    forecast = Forecast(data="x", columns=["a"])
    assert forecast.differences(json.loads(json.dumps(forecast.record()))) == []


def test_data_that_are_not_there_are_found_out_before_a_training(tmp_path):
    for options in (Tag(data="no.tsv"), Tag(data="python_tokens", vectors=str(tmp_path / "v"))):
        with pytest.raises(UserError):
            options.check_paths()
    with pytest.raises(UserError, match="encoding"):
        Tag(data="python_tokens", encoding="klingon").check_paths()


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.task)
@pytest.mark.parametrize("size", [DataSize(1, 1.0), DataSize(130_003, 211.0, 20_011, True)])
def test_what_follows_the_data_is_chosen_or_has_its_default(cls, size):
    options = cls(data="x.csv").following(size)
    left = {field.name for field in cls.fields() if field.follows}
    assert left >= {"epochs", "batch_size"}
    # Characters have no maximum; a recurrence follows the batches too.
    others = left - {"max_vocabulary_size", "recurrence"}
    assert all(getattr(options, name) is not None for name in others)
    others = {field.name for field in cls.fields()} - left
    for name in others:
        assert getattr(options, name) == getattr(cls(data="x.csv"), name)
    assert options.following(DataSize(7, 3.0)) == options  # what is chosen stays


@pytest.mark.parametrize("cls", [Classify, Tag, Translate])
def test_epochs_and_batches_follow_the_number_of_examples(cls):
    """The rule as the help has it: 600,000 examples or 45 million steps, but 5 to 30 epochs."""
    rule = {(2000, 11.0): (30, 32), (15_000, 11.0): (30, 32), (24_001, 11.0): (24, 64)}
    rule |= {(67_349, 11.0): (8, 64), (700_000, 11.0): (5, 64), (15_001, 299.0): (10, 64)}
    for size, expected in rule.items():
        found = cls(data="x").following(DataSize(*size))
        assert (found.epochs, found.batch_size) == expected
    given = cls(data="x", epochs=3, batch_size=7).following(DataSize(2000, 11.0))
    assert (given.epochs, given.batch_size) == (3, 7)


def test_long_texts_are_read_in_segments_unless_the_last_output_sums_them_up():
    long, short = DataSize(2000, 100.5), DataSize(2000, 100.0)
    assert Classify(data="x").following(long).model_options()["segment_length"] == 50
    assert Classify(data="x").following(short).model_options()["segment_length"] is None
    last = Classify(data="x", pooling="last").following(long)
    assert last.segment_length == 0
    assert Classify(data="x", segment_length=0).following(long).segment_length == 0


def test_entities_get_a_field_and_other_labels_are_smoothed():
    entities, plain = DataSize(2000, 9.0, 501, True), DataSize(2000, 9.0, 501)
    rules = [
        (Tag(data="x"), entities, ("crf", 0.0)),
        (Tag(data="x"), plain, ("softmax", 0.1)),
        (Tag(data="x", class_weights="balanced"), entities, ("softmax", 0.1)),
        (Tag(data="x", label_smoothing=0.2), entities, ("softmax", 0.2)),
        (Tag(data="x", label_smoothing=0.0), entities, ("crf", 0.0)),
        (Tag(data="x", output_layer="crf"), plain, ("crf", 0.0)),
        (Tag(data="x", output_layer="softmax"), entities, ("softmax", 0.1)),
    ]
    for options, size, expected in rules:
        found = options.following(size)
        assert (found.output_layer, found.label_smoothing) == expected


def test_a_continuation_goes_by_what_was_chosen():
    given = Classify(data="x")
    record = given.following(DataSize(2003, 211.0)).record()
    assert record["epochs"] == 30 and record["segment_length"] == 50
    again = given.resuming(record)
    assert again.differences(record) == [] and again.segment_length == 50
    assert Classify(data="x", batch_size=7).resuming(record).differences(record) == [
        "batch_size=32, now 7"
    ]
    # A run that is older than the rules went by the defaults of its time.
    older = given.resuming({"data": "x", "units": 64})
    assert (older.epochs, older.segment_length, older.dropout) == (10, 0, 0.2)


def test_an_option_that_is_left_out_is_what_its_default_was_when_the_run_began():
    """The same command goes on with a run that was begun before a default was another one."""
    older = {"data": "x", "dropout": 0.2, "lowercase": False, "embedding": 64}
    found = Classify(data="x").resuming(older)
    assert (found.dropout, found.lowercase, found.embedding) == (0.2, False, 64)
    assert found.differences(older) == []
    # What was given then, or is given now, counts.
    assert Classify(data="x").resuming({**older, "dropout": 0.4}).dropout == 0.5
    assert Classify(data="x", dropout=0.3).resuming(older).differences(older) == [
        "dropout=0.2, now 0.3"
    ]
