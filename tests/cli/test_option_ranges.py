"""Numbers out of range: one sentence, before anything is read or a framework is imported."""

import dataclasses
import inspect
import typing
from typing import Annotated

import pytest

from kerasrnn.checks import UserError, check_size
from kerasrnn.cli import (
    chat,
    evaluate,
    export,
    language_models,
    main,
    predict,
    rescore,
    serve,
    train,
)
from kerasrnn.cli.checked import checked
from kerasrnn.options.fields import check_value
from kerasrnn.options.ranges import Count, Part, Size
from kerasrnn.tasks.registry import registered

MODULES = chat, evaluate, export, language_models, predict, rescore, serve, train
COMMANDS = {
    **{f"train {name}": train.train_command(entry.options) for name, entry in registered().items()},
    "evaluate": evaluate.evaluate,
    "export": export.export,
    "predict": predict.predict,
    **{name: getattr(language_models, name) for name in language_models.__all__},
    "rescore": rescore.rescore,
    "serve": serve.serve,
    "chat": chat.chat,
}
NEEDED = {
    "train": "--data data.tsv --output run",
    "predict": "run",
    "evaluate": "run",
    "export": "run folder",
    "ngram": "text.txt --output model.arpa",
    "perplexity": "text.txt --models run",
    "generate": "run",
    "rescore": "list.txt --models run",
    "serve": "folder",
    "chat": "run",
}
# What 0 means something for, or a number below it, or one that 32 bits do not hold.
ZERO = {
    "save_every",
    "subsample",
    *("seed", "dropout", "word_dropout", "label_smoothing", "ema_momentum"),
    *("freeze_vectors", "ema_epochs", "segment_length", "hidden_units"),
    *("length_penalty", "coverage_penalty", "min_length", "no_repeat_ngram"),
    *("top_k", "temperature", "k", "dynamic", "batch_wait", "port"),
}
ANY_FINITE = {"acoustic_scale", "lm_weight", "word_insertion_penalty", "first_pass_weight"}
LARGE_INTEGERS = {"seed"}


def numeric_options(command):
    """Yields the name and the kind of each number among the options of a command."""
    if isinstance(getattr(command, "__signature__", None), inspect.Signature):  # of train
        for each in inspect.signature(command).parameters.values():
            if kind := kind_of(each.annotation.__origin__):
                yield each.name, kind
        return
    hints = typing.get_type_hints(command)
    for name, parameter in inspect.signature(command).parameters.items():
        if dataclasses.is_dataclass(parameter.default):
            group = typing.get_type_hints(type(parameter.default))
            yield from ((each, kind) for each, hint in group.items() if (kind := kind_of(hint)))
        elif kind := kind_of(hints[name]):
            yield name, kind


def kind_of(hint):
    kinds = {hint, *typing.get_args(hint)} & {int, float}
    return kinds.pop() if kinds else None


OPTIONS = [
    (command, name, kind)
    for command, function in COMMANDS.items()
    for name, kind in numeric_options(function)
]


def wrong_values(name, kind):
    if kind is int:
        yield from ("inf", "nan", "2.7", str(10**30), "9" * 5000)
        if name not in LARGE_INTEGERS:
            yield str(2**31)
    else:
        yield from ("inf", "nan", "-inf")
    if name not in ANY_FINITE:
        yield "-1"
    if name not in ZERO | ANY_FINITE:
        yield "0"
    if name in ("dropout", "word_dropout", "label_smoothing", "ema_momentum"):
        yield "1"


def test_all_numbers_are_walked():
    assert len(OPTIONS) > 100
    walked = {name for _, name, _ in OPTIONS}
    assert {"units", "batch_tokens", "seed", "beam_width", "order", "lm_weight"} <= walked


@pytest.mark.parametrize(
    ("command", "name", "kind"), OPTIONS, ids=[f"{c} {n}" for c, n, _ in OPTIONS]
)
def test_out_of_range_is_one_sentence_before_anything_is_read(
    command, name, kind, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    for module in MODULES:
        monkeypatch.setattr(module, "quiet_stderr", lambda: pytest.fail("something was imported"))
    needed = NEEDED[command.split()[0]].split()
    for value in wrong_values(name, kind):
        option = f"--{name.replace('_', '-')}={value}"
        assert main([*command.split(), *needed, option]) == 2, option
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and error.startswith("kerasrnn: error: "), error
        assert name in error.replace("-", "_"), error
        assert len(error) < 300
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["-1", "0", "1.5"])
def test_least_counts(value, tmp_path, capsys):
    (tmp_path / "text.txt").write_text("a b\n")
    words = ["ngram", str(tmp_path / "text.txt"), "--output", str(tmp_path / "a.arpa")]
    assert main([*words, f"--min-counts=1,{value}"]) == 2
    assert "min" in capsys.readouterr().err


def test_a_whole_number_of_a_recipe(tmp_path, capsys):
    (tmp_path / "options.yaml").write_text("data: dates\nepochs: 2.7\n")
    words = ["train", "translate", "--config", str(tmp_path / "options.yaml")]
    assert main([*words, "--output", str(tmp_path / "run")]) == 2
    assert "whole number for --epochs. Received: 2.7" in capsys.readouterr().err


def test_no_value_is_no_error():
    assert check_value("batch_tokens", Count | None, None) is None
    with pytest.raises(UserError, match="`units` to be an integer of at least 1. Received: True"):
        check_value("units", Size, True)
    with pytest.raises(UserError, match="from 1 to 16,384. Received: 2000000000"):
        check_size("units", 2_000_000_000)


@dataclasses.dataclass(frozen=True)
class Group:
    part: Part | None = None


def a_command(run: str, /, *, number: Count = 5, group: Annotated[Group, "flat"] = Group()):  # noqa: B008
    """Says what it got."""
    return run, number, group.part


def test_types_are_all_that_a_command_says_of_its_ranges():
    command = checked(a_command)
    assert inspect.signature(command) == inspect.signature(a_command)
    assert (command.__name__, command.__doc__) == (a_command.__name__, a_command.__doc__)
    assert command("run", number=7) == ("run", 7, None)
    with pytest.raises(UserError, match="`number` to be an integer of at least 1. Received: 0"):
        command("run", number=0)
    with pytest.raises(UserError, match="`part` to be a number above 0, up to 1. Received: 1.5"):
        command("run", group=Group(1.5))
