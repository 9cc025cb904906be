"""The rule that waits against a simulation, by tables, and through restarts."""

import functools
import json
import math
import tempfile

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasrnn.callbacks import LearningRateHalving, PlateauHalving
from kerasrnn.callbacks.halving_stores import DirectoryStore
from kerasrnn.callbacks.plateau_state import PlateauState
from tests.callbacks.halving_runs import (
    ANY_HISTORY,
    INF,
    NAN,
    Inject,
    Record,
    build,
    check_interruptions,
    drive,
    fit,
    run,
    same_arrays,
    same_history,
    snapshot,
    started,
)

# Keras itself calls `np.array` on TensorFlow variables when it saves weights.
pytestmark = pytest.mark.filterwarnings(
    "error", "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


def simulation(nlls, rate, patience=2, halvings=2, least=1.003):
    """(rate of each epoch, epoch whose weights it ends with, from 1; 0 for the initial ones).

    Nothing is carried along but which epochs gained and which were plateaus.
    """
    rates, ends, gained, plateaus = [], [], [-1], [-1]
    for epoch, nll in enumerate(nlls):
        rates.append(rate)
        seen, before = nlls[: epoch + 1], min(nlls[:epoch], default=INF)
        best = seen.index(min(seen)) + 1 if min(seen) < INF else 0
        ends.append(epoch + 1)
        if nll < before and nll * least <= before:
            gained.append(epoch)
        elif nll == INF or epoch - max(gained[-1], plateaus[-1]) == patience:
            ends[-1] = best
            if len([each for each in plateaus[1:] if each > gained[-1]]) == halvings:
                break
            plateaus.append(epoch)
            rate /= 2
    return rates, ends


def nlls_of(perplexities):
    return [math.log(value) if 0 < value < INF else INF for value in perplexities]


# name: (perplexities, rate of each epoch that is trained, whose weights it ends with)
HISTORIES = {
    "first epoch only": ([97.0], [0.5], [1]),
    "steady gain": ([97.0, 71.0, 53.0, 41.0], [0.5] * 4, [1, 2, 3, 4]),
    "one noisy epoch": ([97.0, 53.0, 89.0, 41.0, 43.0, 31.0], [0.5] * 6, [1, 2, 3, 4, 5, 6]),
    "two noisy epochs": ([97.0, 53.0, 89.0, 71.0, 41.0], [0.5] * 4 + [0.25], [1, 2, 3, 2, 5]),
    "a plateau, a gain, and the end": (
        [97.0, 101.0, 98.0, 71.0, 73.0, 72.0, 83.0, 71.0, 79.0, 77.0, 7.0],
        [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625],
        [1, 2, 1, 4, 5, 4, 7, 4, 9, 4],
    ),
    "gains that are too small": (
        [97.0, 96.9, 96.8, 96.7, 96.6, 96.5, 96.4, 7.0],
        [0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125],
        [1, 2, 3, 4, 5, 6, 7],
    ),
    "a gain too small, then one that will do": (
        [97.0, 96.9, 71.0, 70.9, 53.0],
        [0.5] * 5,
        [1, 2, 3, 4, 5],
    ),
    "nan": ([97.0, 71.0, NAN, 53.0], [0.5, 0.5, 0.5, 0.25], [1, 2, 2, 4]),
    "nan in a wait": (
        [97.0, 98.0, NAN, 99.0, 98.0, 89.0],
        [0.5, 0.5, 0.5, 0.25, 0.25, 0.125],
        [1, 2, 1, 4, 1, 6],
    ),
    "nan from the start": ([NAN, INF, -INF, 53.0], [0.5, 0.25, 0.125], [0, 0, 0]),
    "nan first": ([NAN, 97.0, 53.0], [0.5, 0.25, 0.25], [0, 2, 3]),
    "impossible perplexity 0": ([97.0, 0.0, 53.0], [0.5, 0.5, 0.25], [1, 1, 3]),
    "perplexity 1": (
        [3.0, *[1.0] * 7, 0.9],
        [0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125],
        [1, 2, 3, 2, 5, 2, 7, 2],
    ),
}
LONG = HISTORIES["a plateau, a gain, and the end"][0]


@pytest.fixture(scope="module", params=[False, True], ids=["memory", "folder"])
def in_folder(request):
    return request.param


@pytest.fixture(scope="module", params=HISTORIES)
def outcome(request, in_folder, tmp_path_factory):
    """A row of the table, with the run that it describes."""
    row = HISTORIES[request.param]
    folder = tmp_path_factory.mktemp("run") / "deep" / "er"
    return row, *run(row[0], PlateauHalving(state_dir=folder if in_folder else None))


def test_rates_and_decisions(outcome):
    (values, rates, ends), model, halving, _, record = outcome
    assert simulation(nlls_of(values), 0.5) == (rates, ends)
    assert record.logged == rates
    history = halving.history
    assert [entry["learning_rate"] for entry in history] == rates
    assert [entry["epoch"] for entry in history] == list(range(len(rates)))
    assert [entry["restored"] for entry in history] == [e != i + 1 for i, e in enumerate(ends)]
    assert same_history([entry["value"] for entry in history], values[: len(rates)])
    falls = [after < before for before, after in zip(rates, rates[1:], strict=False)]
    assert [entry["halved"] for entry in history[:-1]] == falls
    assert snapshot(model)[0] == rates[-1] * (0.5 if history[-1]["halved"] else 1)
    assert not any("stops" in entry["decision"] for entry in history[:-1])
    assert ("stops" in history[-1]["decision"]) == model.stop_training
    assert model.stop_training or len(rates) == len(values)


def test_weights_and_optimizer_variables_are_those_of_the_epoch_put_back(outcome):
    (_, _, ends), _, _, inject, record = outcome
    trained = [snapshot(started()), *inject.trained]
    assert len(trained) == len(ends) + 1
    for epoch, (end, whose) in enumerate(zip(record.ends, ends, strict=True), start=1):
        assert same_arrays(end, trained[whose])
        assert whose == epoch or not same_arrays(end, trained[epoch])


def test_arguments_and_another_monitor():
    nlls, arguments = [5.0, 4.5, 4.3, 3.9, 3.8, 3.7, 9.0], {"patience": 1, "halvings": 1}
    rule = PlateauHalving("val_loss", factor=0.25, min_improvement=1.05, verbose=0, **arguments)
    record = Record()
    fit(build(), [Inject(nlls, "val_loss"), rule, record], len(nlls))
    # gains of 10, 4.4, 9.3, 2.6 and 2.6 %, of which 5 % is asked
    assert record.logged == [0.5, 0.5, 0.5, 0.125, 0.125, 0.03125]
    assert len(simulation(nlls, 0.5, **arguments, least=1.05)[0]) == len(record.logged)
    assert "stops" in rule.history[-1]["decision"]


def test_an_nll_of_a_density_gains_wherever_it_falls():
    rule = PlateauHalving("val_loss", patience=1, verbose=0)
    fit(build(), [Inject([0.5, -1.0, -1.001, -1.001], "val_loss"), rule], 4)
    assert [entry["halved"] for entry in rule.history] == [False, False, False, True]
    assert rule.gain == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("values", [LONG, [NAN, 97.0, 101.0, 99.0, NAN, NAN, 31.0, 3.0]])
def test_an_interrupted_run_ends_as_an_uninterrupted_one(values, tmp_path):
    check_interruptions(PlateauHalving, values, tmp_path)


def test_a_run_killed_in_a_wait_ends_as_an_uninterrupted_one(tmp_path):
    check_interruptions(functools.partial(PlateauHalving, halvings=0), LONG[:4], tmp_path)


def test_a_run_interrupted_after_its_last_epoch_gets_its_history_back(tmp_path):
    values = [97.0, 101.0, 98.0]
    whole, expected, _, _ = run(values, PlateauHalving(state_dir=tmp_path, verbose=0))
    model, halving = started(seed=29), PlateauHalving(state_dir=tmp_path, verbose=0)
    fit(model, [halving], len(values), initial_epoch=len(values))
    assert halving.history == expected.history
    assert snapshot(model)[0] == snapshot(whole)[0] == 0.25


def test_a_training_that_has_ended_is_left_alone(tmp_path):
    whole, first, _, _ = run(LONG, PlateauHalving(state_dir=tmp_path, verbose=0))
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    model, halving = started(seed=31), PlateauHalving(state_dir=tmp_path, verbose=0)
    model.set_weights(whole.get_weights())
    before = snapshot(model)
    fit(model, [Inject([0.0] * 13), halving], 13, initial_epoch=11)
    assert same_arrays(snapshot(model), before)
    assert snapshot(model)[0] == snapshot(whole)[0]
    assert same_history(halving.history, first.history)
    assert files == {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert halving.stopped_after(10) and not halving.stopped_after(9)


def test_the_folder_holds_two_states_and_what_they_go_back_to(tmp_path):
    run([97.0, 71.0, 73.0, 74.0], PlateauHalving(state_dir=tmp_path, patience=3, verbose=0))
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"state_2.json", "state_3.json", "snapshot_1.weights.h5"}
    state = json.loads((tmp_path / "state_3.json").read_text())
    assert (state["epoch"], state["best"], state["best_epoch"]) == (3, math.log(71.0), 1)
    assert (state["waited"], state["fruitless"], state["stopped"]) == (2, 0, False)


def test_the_state_of_another_rule_is_an_error(tmp_path):
    run([97.0, 71.0], LearningRateHalving(state_dir=tmp_path, verbose=0))
    halving = PlateauHalving(state_dir=tmp_path, verbose=0)
    with pytest.raises(ValueError, match=r"state_1.json: Expected a state with .*'best'.*Received"):
        fit(build(), [halving], 7, initial_epoch=2)


def test_what_is_printed(capsys):
    run([132.41, 131.9, 140.0, 120.0, NAN], PlateauHalving(factor=0.1))
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    assert said.replace("\n  ", " ").split("\n")[1::2] == [
        "Epoch 1: val_perplexity 132.41: first epoch, learning rate 0.5",
        "Epoch 2: val_perplexity 132.41 -> 131.9 (gain 0.08% of log val_perplexity): gain too "
        "small, epoch 1 of 2 to wait, learning rate 0.5",
        "Epoch 3: val_perplexity 131.9 -> 140 (gain -1.22% of log val_perplexity): no gain, "
        "weights of epoch 2 restored, learning rate halved, learning rate 0.5 -> 0.05",
        "Epoch 4: val_perplexity 131.9 -> 120 (gain 1.94% of log val_perplexity): improved, "
        "learning rate 0.05",
        "Epoch 5: val_perplexity 120 -> nan: not finite, weights of epoch 4 restored, learning "
        "rate halved, learning rate 0.05 -> 0.005",
    ]
    run([NAN, NAN], PlateauHalving(halvings=1))
    out = capsys.readouterr().out.replace("\n  ", " ")
    assert "val_perplexity nan: not finite, initial weights restored, learning rate halved" in out
    assert "val_perplexity nan: not finite, initial weights restored, training stops" in out


def test_a_schedule_is_refused_before_anything_is_written(tmp_path):
    optimizer = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.5, 3, 0.7))
    halving = PlateauHalving(state_dir=tmp_path / "new")
    with pytest.raises(ValueError, match="Expected .* to be a number.*Received:.*ExponentialDecay"):
        fit(build(optimizer=optimizer), [halving], 2)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "arguments",
    [{"factor": 1.0}, {"min_improvement": 0.9}]
    + [{"patience": value} for value in (0, -1, 1.5, "2", None)]
    + [{"halvings": value} for value in (-1, 1.5, "2", None)],
)
def test_bad_arguments_are_refused(arguments):
    (name,) = arguments
    with pytest.raises(ValueError, match=rf"Expected `{name}` to be .* Received: "):
        PlateauHalving(**arguments)


def test_a_state_survives_json():
    record = {"epoch": 0, "value": NAN, "learning_rate": 0.1, "decision": "x", "halved": True}
    state = PlateauState(3, 0.1, 1, 2, False, INF, -1, "snapshot_initial.weights.h5", [record])
    text = state.to_json()
    json.loads(text, parse_constant=pytest.fail)
    assert PlateauState.from_json(text).to_json() == text
    assert PlateauState.from_json(text).best == INF and state.history == [record]


def check_against_simulation(values, arguments, halving, ends):
    rates, expected = simulation(nlls_of(values), 0.5, **arguments)
    assert [ends[epoch] for epoch in sorted(ends)] == expected
    assert [entry["learning_rate"] for entry in halving.history] == rates
    assert [entry["restored"] for entry in halving.history] == [
        end != epoch for epoch, end in enumerate(expected, start=1)
    ]


ARGUMENTS = st.fixed_dictionaries({"patience": st.integers(1, 3), "halvings": st.integers(0, 2)})


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ANY_HISTORY, ARGUMENTS)
def test_any_history_goes_as_in_the_simulation(values, arguments):
    rule = functools.partial(PlateauHalving, **arguments)
    check_against_simulation(values, arguments, *drive(rule, values, {}, None))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(ANY_HISTORY, ARGUMENTS, st.dictionaries(st.integers(0, 10), st.booleans(), max_size=5))
def test_any_interrupted_history_goes_as_in_the_simulation(values, arguments, restarts):
    rule = functools.partial(PlateauHalving, **arguments)
    with tempfile.TemporaryDirectory() as folder:
        check_against_simulation(values, arguments, *drive(rule, values, restarts, folder))


def test_epoch_0_starts_afresh(tmp_path):
    run([97.0, 98.0, NAN], PlateauHalving(state_dir=tmp_path, verbose=0))
    _, halving, _, record = run([101.0, 103.0], PlateauHalving(state_dir=tmp_path, verbose=0))
    assert record.logged == [0.5, 0.5]
    assert [entry["value"] for entry in halving.history] == [101.0, 103.0]
    assert DirectoryStore(tmp_path, PlateauState).epochs() == [0, 1]
    assert np.isclose(halving.gain, 1 - math.log(103.0) / math.log(101.0))
