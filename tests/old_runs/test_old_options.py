"""The command line of format 1: what it took, today's takes, and means the same by it."""

import json

import pytest

from kerasrnn.tasks.registry import registered
from tests.old_runs.cases import FORMAT_1
from tests.old_runs.changed_defaults import CHANGED
from tests.old_runs.command_options import command_options

OLD = json.loads((FORMAT_1 / "options.json").read_text(encoding="utf-8"))
# Options of `train` that no run records.
NOT_RECORDED = {"config", "output", "resume", "tensorboard", "save_every", "dry_run"}
# What takes several now; without any it reads standard input, as FILE did.
SEVERAL = {("predict", "FILE"): "FILES"}
NOT_RECORDED |= {"strategy", "workers", "accumulate"}


@pytest.fixture(scope="module")
def today():
    return command_options()


@pytest.mark.parametrize("command", OLD)
def test_every_old_option_is_there_and_means_the_same(command, today):
    by_name = {name: each for names, each in today[command].items() for name in names.split()}
    for names, old in OLD[command].items():
        for name in names.split():
            if (command, name) in SEVERAL:
                assert not by_name[SEVERAL[command, name]]["required"]
                continue
            assert name in by_name, f"{command} {name} is gone"
            new = by_name[name]
            default = CHANGED.get((command, names.split()[0]), old["default"])
            assert new["default"] == default, f"{command} {name}"
            assert set(new["choices"] or old["choices"]) >= set(old["choices"])
            assert old["required"] or not new["required"], f"{command} {name}"


def test_no_command_has_a_new_option_that_it_does_not_go_without(today):
    for command, options in today.items():
        for names, new in options.items():
            assert names in OLD.get(command, {names}) or not new["required"], f"{command} {names}"


def test_new_options_of_a_training_say_what_runs_without_them_went_by(today):
    for command, options in today.items():
        if not command.startswith("train ") or command not in OLD:  # a newer task has no old runs
            continue
        old = {name for names in OLD.get(command, {}) for name in names.split()}
        new = {names.split()[0] for names in options if not old & set(names.split())}
        new = {name.removeprefix("--").replace("-", "_") for name in new} - NOT_RECORDED
        fields = registered()[command.removeprefix("train ")].options.fields()
        said = {field.name for field in fields if field.says_unrecorded}
        assert new <= said, f"{command}: {new - said} lack `Unrecorded`"
