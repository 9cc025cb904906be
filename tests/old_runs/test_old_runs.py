"""Runs of format 1, begun before there was another: they load, predict and go on as they did."""

import json
import shlex
import shutil

import pytest

from tests.old_runs.cases import ANSWERS, CASES, history, output_of, training, unpack

# Figures that are defined anew since, and those of the machine.
REDEFINED = ("bits_per_character", "out_of_vocabulary")
# Their models see images through fewer filters than a model that is built anew.
SMALL_ENCODERS = ("caption", "frames")
NEARLY = {"rel": 2e-3, "abs": 2e-4}  # processors round in other ways, and training adds that up
# A rounding of 1e-7 doubles with each epoch of `translate_subwords`: 1e-5 after nine,
# where a tie between two tokens may be decided another way, and 1e-2 after twenty; so it was with
# the code that began the run, where only the processor's products were another library's.
ALIKE = 9


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with the data, which the runs name from there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def slow_but(*quick, without=()):
    cases = [case for case in CASES if case not in without]
    return [case if case in quick else pytest.param(case, marks=pytest.mark.slow) for case in cases]


def nearly(rows):
    return [pytest.approx(row, **NEARLY) for row in rows]


def check_lines(case, printed, wanted):
    """Numbers of forecasts are printed with more digits than they were."""
    lines = printed.split("\n")[:-1]
    if not case.startswith("forecast"):
        assert lines == wanted
        return
    for numbers, before in zip(lines, wanted, strict=True):
        found, expected = (list(map(float, each.split(" "))) for each in (numbers, before))
        assert found == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize("case", slow_but(*set(CASES) - {"translate_words", "tag_entities"}))
def test_an_old_run_predicts_what_it_predicted(case, folder, capsys):
    unpack(case, folder)
    printed = output_of(capsys, "predict", "whole", "lines.txt")
    check_lines(case, printed, ANSWERS[case]["predict"])


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if "search" in CASES[case]])
def test_an_old_run_searches_as_it_did(case, folder, capsys):
    unpack(case, folder)
    search = shlex.split(CASES[case]["search"])
    answers = output_of(capsys, "predict", "whole", "lines.txt", *search).split("\n")
    assert answers[:-1] == ANSWERS[case]["search"]


@pytest.mark.parametrize("case", slow_but("classify_characters", "forecast_mean"))
def test_an_old_run_is_evaluated_as_it_was(case, folder, capsys):
    unpack(case, folder)
    figures = json.loads(output_of(capsys, "evaluate", "whole").splitlines()[-1])
    before = {name: x for name, x in ANSWERS[case]["evaluate"].items() if name not in REDEFINED}
    same = {name: figures.get(name) for name in before}
    assert {name: x for name, x in same.items() if not isinstance(x, float)} == {
        name: x for name, x in before.items() if not isinstance(x, float)
    }
    assert {name: x for name, x in same.items() if isinstance(x, float)} == pytest.approx(
        {name: x for name, x in before.items() if isinstance(x, float)}, **NEARLY
    )


@pytest.mark.parametrize("case", slow_but("classify_images", "forecast"))
def test_a_run_that_was_killed_goes_on_to_the_end_that_it_had(case, folder, capsys):
    """`whole` was never interrupted; `half` was begun with the same words and killed.

    It went on from what the rule had accepted last, which was its answer too. What a run keeps
    today is its best epoch; where that is an earlier one, the answer is still in its state.
    """
    unpack(case, folder)
    alike = len(history(folder / "half")) + ALIKE
    output_of(capsys, *training(case), "--output", "half", "--resume")
    rows, wanted = history(folder / "half"), history(folder / "whole")
    assert len(rows) >= min(len(wanted), alike)
    assert rows[:alike] == nearly(wanted[:alike])
    metrics = json.loads((folder / "half" / "metrics.json").read_text(encoding="utf-8"))
    values = [row[metrics["monitor"]] for row in rows]
    assert metrics["epoch"] == values.index(min(values)) + 1
    last = max((folder / "half" / "state").glob("epoch-*.keras"))
    shutil.copyfile(last, folder / "half" / "model.keras")
    printed = output_of(capsys, "predict", "half", "lines.txt")
    if len(wanted) <= alike or rows == nearly(wanted):
        check_lines(case, printed, ANSWERS[case]["predict"])


@pytest.mark.parametrize("case", slow_but("forecast", without=SMALL_ENCODERS))
def test_a_run_that_was_killed_at_once_goes_on_as_its_settings_say(case, folder, capsys):
    """Whatever is new in today's trainings, it is not in those that were begun before."""
    unpack(case, folder)
    state = shutil.ignore_patterns("state", "model.keras", "history.csv")
    shutil.copytree("half", "begun", ignore=state)
    output_of(capsys, *training(case), "--output", "begun", "--resume")
    rows, wanted = history(folder / "begun"), history(folder / "whole")
    assert len(rows) >= min(len(wanted), ALIKE)
    assert rows[:ALIKE] == nearly(wanted[:ALIKE])
