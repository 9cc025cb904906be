"""Mikolov's rule against a transcription of rnnlm's loop, against tables, and through restarts."""

import json
import math
import shutil
import tempfile

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasrnn.callbacks.halving_state import HalvingState
from kerasrnn.callbacks.halving_stores import DirectoryStore
from kerasrnn.callbacks.learning_rate_halving import LearningRateHalving
from kerasrnn.checks import UserError
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


def rnnlm(log_probs, alpha, min_improvement=1.003):
    """The training loop of rnnlm's trainNet: (rate of each epoch, epochs restored)."""
    llogp, alpha_divide = -1e8, False
    rates, restored = [], []
    for iteration, logp in enumerate(log_probs):
        rates.append(alpha)
        if logp < llogp:
            restored.append(iteration)
        if logp * min_improvement < llogp:
            if not alpha_divide:
                alpha_divide = True
            else:
                break
        if alpha_divide:
            alpha /= 2
        llogp = logp
    return rates, restored


def as_log_probs(perplexities):
    """What rnnlm would see; a value that is not finite is worse than any before it."""
    return [
        -math.log(value) if math.isfinite(value) else -(10.0 ** (200 + i))
        for i, value in enumerate(perplexities)
    ]


# name: (perplexities, rate of each epoch that is trained, epochs restored, whether rnnlm agrees)
HISTORIES = {
    "first epoch only": ([97.0], [0.5], [], True),
    "steady gain": ([97.0, 71.0, 53.0, 41.0, 31.0], [0.5] * 5, [], True),
    "tiny gain twice": (
        [97.0, 71.0, 70.9, 70.8, 50.0],
        [0.5, 0.5, 0.5, 0.25],
        [],
        True,
    ),
    "worse, then better": (
        [97.0, 71.0, 73.0, 61.0, 53.0, 47.0],
        [0.5, 0.5, 0.5, 0.25, 0.125, 0.0625],
        [2],
        True,
    ),
    "worse, then better than the worse one only": (
        [97.0, 53.0, 89.0, 71.0, 61.0, 60.9, 7.0],
        [0.5, 0.5, 0.5, 0.25, 0.125, 0.0625],
        [2],
        True,
    ),
    "worse twice": ([97.0, 71.0, 73.0, 79.0, 53.0], [0.5, 0.5, 0.5, 0.25], [2, 3], True),
    "the same value twice": ([97.0, 97.0, 97.0, 31.0], [0.5, 0.5, 0.25], [], True),
    "halving, good gains, failure": (
        [97.0, 71.0, 70.9, 61.0, 53.0, 47.0, 47.1, 11.0],
        [0.5, 0.5, 0.5, 0.25, 0.125, 0.0625, 0.03125],
        [6],
        True,
    ),
    "worse in the second epoch": ([97.0, 101.0, 61.0], [0.5, 0.5, 0.25], [1], True),
    "nan": ([97.0, NAN, 83.0, 71.0], [0.5, 0.5, 0.25, 0.125], [1], True),
    "nan after halving": ([97.0, 96.9, NAN, 53.0], [0.5, 0.5, 0.25], [2], True),
    "nan twice": ([97.0, NAN, NAN, 53.0], [0.5, 0.5, 0.25], [1, 2], True),
    "infinite, then worse than before": (
        [97.0, INF, 199.0, 53.0, 53.0],
        [0.5, 0.5, 0.25, 0.125, 0.0625],
        [1],
        True,
    ),
    "nan first": ([NAN, 97.0, 53.0], [0.5, 0.25, 0.125], [0], True),
    "nan first and second": ([NAN, -INF, 53.0], [0.5, 0.25], [0, 1], True),
    "impossible perplexity 0": ([97.0, 0.0, 53.0], [0.5, 0.5, 0.25], [1], False),
    "perplexity 1": ([3.0, 1.0, 1.0, 1.0, 1.0], [0.5, 0.5, 0.5, 0.25], [], False),
    "perplexity 1 from the start": ([1.0, 1.0, 1.0, 1.0], [0.5, 0.5, 0.25], [], False),
}
LONG = HISTORIES["halving, good gains, failure"][0]
INTERRUPTED = {
    "worse, a good gain, a failure": [97.0, 71.0, 73.0, 61.0, 60.9, 7.0, 5.0],
    "nan first, worse last": [NAN, 97.0, 101.0, 31.0],
}


@pytest.fixture(scope="module", params=[False, True], ids=["memory", "folder"])
def in_folder(request):
    return request.param


@pytest.fixture(scope="module", params=HISTORIES)
def outcome(request, in_folder, tmp_path_factory):
    """A row of the table, with the run that it describes."""
    row = HISTORIES[request.param]
    folder = tmp_path_factory.mktemp("run") / "deep" / "er"
    return row, *run(row[0], LearningRateHalving(state_dir=folder if in_folder else None))


def test_rates_and_restorations(outcome):
    (values, rates, restored, agrees), model, halving, _, record = outcome
    assert record.logged == rates
    history = halving.history
    assert [entry["learning_rate"] for entry in history] == rates
    assert [entry["epoch"] for entry in history] == list(range(len(rates)))
    assert [entry["epoch"] for entry in history if entry["restored"]] == restored
    assert same_history([entry["value"] for entry in history], values[: len(rates)])
    falls = [after < before for before, after in zip(rates, rates[1:], strict=False)]
    assert [entry["halved"] for entry in history[:-1]] == falls
    assert snapshot(model)[0] == rates[-1] * (0.5 if history[-1]["halved"] else 1)
    assert not any("stops" in entry["decision"] for entry in history[:-1])
    assert ("stops" in history[-1]["decision"]) == model.stop_training
    assert model.stop_training or len(rates) == len(values)
    if agrees:
        assert rnnlm(as_log_probs(values), 0.5) == (rates, restored)


def test_a_worse_epoch_leaves_nothing_but_its_learning_rate(outcome):
    (_, _, restored, _), _, _, inject, record = outcome
    accepted = snapshot(started())
    for epoch, (trained, end) in enumerate(zip(inject.trained, record.ends, strict=True)):
        if epoch in restored:
            assert same_arrays(accepted, end)
            assert not same_arrays(trained, end)
        else:
            assert same_arrays(trained, end)
            assert not same_arrays(accepted, end)
            accepted = end


@pytest.mark.parametrize("monitor", ["val_loss", "val_nll"])
def test_another_monitor_is_a_negative_log_likelihood(monitor):
    values, rates = [5.0, 4.0, 3.99, 3.5, 3.6, 1.0], [0.5, 0.5, 0.5, 0.25, 0.125]
    halving, record = LearningRateHalving(monitor, verbose=0), Record()
    fit(build(), [Inject(values, monitor), halving, record], len(values))
    assert record.logged == rates
    assert rnnlm([-value for value in values], 0.5)[0] == rates


def test_factor_and_min_improvement():
    # gains of 10 %, 4 %, 20 % and 4 % of the nll, of which 5 % is asked
    values = [math.exp(nll) for nll in (5.0, 4.5, 4.32, 3.456, 3.32)]
    _, halving, _, record = run(
        values, LearningRateHalving(factor=0.25, min_improvement=1.05, verbose=0)
    )
    assert record.logged == [0.5, 0.5, 0.5, 0.125, 0.03125]
    assert "stops" in halving.history[-1]["decision"]


def test_a_real_validation_loss_is_followed():
    random = np.random.default_rng(19)
    validation = random.normal(size=(5, 3)), random.normal(size=(5, 2))
    record, model = Record(), build(optimizer=keras.optimizers.SGD(0.25))
    halving = LearningRateHalving("val_loss", verbose=0)
    fit(model, [halving, record], 23, validation_data=validation)
    losses = [entry["value"] for entry in halving.history]
    assert model.history.history["val_loss"] == losses
    assert (record.logged, len(losses)) == (rnnlm([-loss for loss in losses], 0.25)[0], len(losses))
    assert model.history.history["learning_rate"] == record.logged


@pytest.mark.slow
@pytest.mark.parametrize("name", INTERRUPTED)
def test_an_interrupted_run_ends_as_an_uninterrupted_one(name, tmp_path):
    check_interruptions(LearningRateHalving, INTERRUPTED[name], tmp_path)


def test_a_run_interrupted_after_its_last_epoch_gets_its_history_back(tmp_path):
    values = [97.0, 71.0, 73.0]
    whole, expected, _, _ = run(values, LearningRateHalving(state_dir=tmp_path, verbose=0))
    model, halving = started(seed=29), LearningRateHalving(state_dir=tmp_path, verbose=0)
    fit(model, [halving], len(values), initial_epoch=len(values))
    assert halving.history == expected.history
    assert snapshot(model)[0] == snapshot(whole)[0] == 0.25


def test_a_training_that_has_ended_is_left_alone_again_and_again(tmp_path):
    values = HISTORIES["tiny gain twice"][0]
    whole, first, _, _ = run(values, LearningRateHalving(state_dir=tmp_path, verbose=0))
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    validation = np.ones((2, 3)), np.ones((2, 2))
    loss = whole.evaluate(*validation, verbose=0)
    for initial_epoch in (4, 7, 11):
        halving, inject = LearningRateHalving(state_dir=tmp_path, verbose=0), Inject([0.0] * 13)
        model = started(seed=31)
        model.set_weights(whole.get_weights())
        source = whole.optimizer.variables
        for variable, value in zip(model.optimizer.variables, source, strict=True):
            variable.assign(value)
        fit(model, [inject, halving], 13, initial_epoch=initial_epoch, validation_data=validation)
        assert inject.batches == 1 and len(inject.trained) == 1
        # the callback that stands before sees no trace either, nor has the validation
        assert same_arrays(inject.trained[0], snapshot(whole))
        assert model.history.history["val_loss"] == [loss]
        assert model.history.history["learning_rate"] == [0.25]
        assert same_arrays(snapshot(model), snapshot(whole))
        assert snapshot(model)[0] == snapshot(whole)[0]
        assert same_history(halving.history, first.history)
    assert files == {path: path.read_bytes() for path in tmp_path.iterdir()}


def test_the_folder_holds_two_states_their_snapshots_and_strangers(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "state_of_affairs.json").write_text("mine too")
    values = [97.0, 71.0, 61.0, 67.0, 53.0, 43.0]
    run(values[:4], LearningRateHalving(state_dir=tmp_path, verbose=0))
    strangers = {"notes.txt", "state_of_affairs.json"}
    names = {path.name for path in tmp_path.iterdir()} - strangers
    assert names == {"state_2.json", "state_3.json", "snapshot_2.weights.h5"}
    state = json.loads((tmp_path / "state_3.json").read_text())
    assert (state["epoch"], state["learning_rate"], state["halving"]) == (3, 0.25, True)
    assert (state["stopped"], state["previous"]) == (False, math.log(67.0))
    assert (state["snapshot"], len(state["history"])) == ("snapshot_2.weights.h5", 4)
    run(values, LearningRateHalving(state_dir=tmp_path, verbose=0))
    names = {path.name for path in tmp_path.iterdir()} - strangers
    snapshots = {"snapshot_4.weights.h5", "snapshot_5.weights.h5"}
    assert names == {"state_4.json", "state_5.json"} | snapshots
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_epoch_0_starts_afresh(tmp_path):
    for halving in (
        LearningRateHalving(verbose=0),
        LearningRateHalving(state_dir=tmp_path, verbose=0),
    ):
        run([97.0, 98.0, 53.0], halving)
        _, _, _, record = run([101.0, 61.0], halving)
        assert record.logged == [0.5, 0.5]
        assert [entry["value"] for entry in halving.history] == [101.0, 61.0]
    assert DirectoryStore(tmp_path, HalvingState).epochs() == [0, 1]
    with pytest.raises(ValueError, match="monitored value"):
        fit(build(), [halving], 1)
    assert [path.name for path in tmp_path.iterdir()] == ["snapshot_initial.weights.h5"]


def test_stopped_after_reads_the_folder(tmp_path):
    assert not LearningRateHalving(state_dir=tmp_path / "none").stopped_after(3)
    run(HISTORIES["tiny gain twice"][0], LearningRateHalving(state_dir=tmp_path, verbose=0))
    halving = LearningRateHalving(state_dir=tmp_path)
    assert [halving.stopped_after(epochs) for epochs in (0, 3, 4, 5)] == [False, False, True, True]


def test_in_memory_the_same_object_goes_on(capsys):
    whole, expected, _, record = run(LONG, LearningRateHalving(verbose=0))
    model, halving, inject = build(), LearningRateHalving(), Inject(LONG)
    parts = []
    for begin, end in ((0, 2), (2, 3), (3, len(LONG)), (7, len(LONG))):
        parts.append(Record())
        fit(model, [inject, halving, parts[-1]], end, initial_epoch=begin)
    assert sum((part.logged for part in parts[:3]), []) == record.logged
    assert same_arrays(snapshot(model), snapshot(whole))
    assert same_history(halving.history, expected.history)
    assert "nothing changes" in capsys.readouterr().out


def test_in_memory_another_epoch_starts_afresh_and_says_so(capsys):
    model, halving, inject = build(), LearningRateHalving(), Inject([97.0, 98.0, 53.0, 54.0])
    fit(model, [inject, halving], 2)
    capsys.readouterr()
    fit(model, [inject, halving], 4, initial_epoch=3)
    assert "Epoch 4: no state of the epoch before" in capsys.readouterr().out
    assert [entry["decision"] for entry in halving.history] == ["first epoch"]


def test_an_unknown_epoch_or_a_lost_snapshot_is_an_error(tmp_path):
    run([97.0, 71.0, 61.0], LearningRateHalving(state_dir=tmp_path, verbose=0))
    (tmp_path / "snapshot_1.weights.h5").unlink()
    for initial_epoch in (1, 2, 5):
        halving = LearningRateHalving(state_dir=tmp_path, verbose=0)
        with pytest.raises(ValueError, match=rf"epoch {initial_epoch - 1}.*epochs \[1, 2\]"):
            fit(build(), [halving], 7, initial_epoch=initial_epoch)


def test_what_is_printed(capsys):
    run([132.41, 131.9, 120.0, 121.0], LearningRateHalving(factor=0.1))
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    assert said.replace("\n  ", " ").split("\n")[1::2] == [
        "Epoch 1: val_perplexity 132.41: first epoch, learning rate 0.5",
        "Epoch 2: val_perplexity 132.41 -> 131.9 (gain 0.08% of log val_perplexity): gain too "
        "small, halving starts, learning rate 0.5 -> 0.05",
        "Epoch 3: val_perplexity 131.9 -> 120 (gain 1.94% of log val_perplexity): improved, "
        "learning rate 0.05 -> 0.005",
        "Epoch 4: val_perplexity 120 -> 121: worse, weights of epoch 3 restored, second failure, "
        "training stops, learning rate 0.005",
    ]
    run([NAN, 1.0, 1.0], LearningRateHalving())
    out = capsys.readouterr().out.replace("\n  ", " ")
    assert "val_perplexity nan: worse, initial weights restored, halving starts" in out
    assert (
        "val_perplexity 1 -> 1 (gain 0.00% of log val_perplexity): gain too small, second failure"
        in out
    )
    run([97.0], LearningRateHalving(verbose=0))
    assert capsys.readouterr().out == ""


def schedule():
    return keras.optimizers.schedules.ExponentialDecay(0.5, 3, 0.7)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: keras.optimizers.SGD(schedule()),
        lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(schedule())),
    ],
)
def test_a_schedule_is_refused_before_anything_is_written(optimizer, tmp_path):
    halving = LearningRateHalving(state_dir=tmp_path / "new")
    with pytest.raises(ValueError, match="Expected .* to be a number.*Received:.*ExponentialDecay"):
        fit(build(optimizer=optimizer()), [halving], 2)
    assert not (tmp_path / "new").exists()


def test_a_loss_scale_optimizer_is_followed(in_folder, tmp_path):
    values, rates, _, _ = HISTORIES["worse, then better"]
    halving = LearningRateHalving(state_dir=tmp_path if in_folder else None, verbose=0)
    inner = keras.optimizers.SGD(0.5, momentum=0.3)
    _, _, _, record = run(values, halving, optimizer=keras.optimizers.LossScaleOptimizer(inner))
    assert record.logged == rates
    # the rate of the inner optimizer is among these arrays, hence the comparison by hand
    assert all(map(np.array_equal, record.ends[2][1][:2], record.ends[1][1][:2]))


def test_a_missing_monitor_is_named():
    with pytest.raises(ValueError, match=r"'val_perplexity'.*Received: logs with \['loss'\]"):
        fit(build(), [LearningRateHalving()], 2)


@pytest.mark.parametrize(
    "arguments",
    [{"factor": value} for value in (0.0, 1, -0.5, 1.5, NAN, "0.5", None)]
    + [{"min_improvement": value} for value in (0.999, -1, NAN, INF, "1.003", None)],
)
def test_bad_arguments_are_refused(arguments):
    (name,) = arguments
    with pytest.raises(ValueError, match=rf"Expected `{name}` to be .* Received: "):
        LearningRateHalving(**arguments)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        inject = Inject([97.0])
        with pytest.raises(ValueError, match="Expected `state_dir` to be .* Received: state_dir="):
            fit(build(), [inject, LearningRateHalving(state_dir=path)], 1)
        assert inject.batches == 0


def test_a_state_survives_json():
    record = {"epoch": 0, "value": NAN, "learning_rate": 0.1, "decision": "worse", "halved": True}
    state = HalvingState(3, 0.1, True, False, INF, "snapshot_1.weights.h5", [record])
    text = state.to_json()
    json.loads(text, parse_constant=pytest.fail)
    assert HalvingState.from_json(text).to_json() == text
    assert HalvingState.from_json(text).previous == INF and state.history == [record]


def check_against_rnnlm(values, halving, ends):
    rates, restored = rnnlm(as_log_probs(values), 0.5)
    assert len(ends) == len(rates)
    accepted = 0
    for epoch, end in sorted(ends.items()):
        accepted = accepted if epoch in restored else epoch + 1
        assert end == accepted
    assert [entry["learning_rate"] for entry in halving.history] == rates
    assert [entry["epoch"] for entry in halving.history if entry["restored"]] == restored


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ANY_HISTORY)
def test_any_history_goes_as_in_rnnlm(values):
    check_against_rnnlm(values, *drive(LearningRateHalving, values, {}, None))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(ANY_HISTORY, st.dictionaries(st.integers(0, 10), st.booleans(), max_size=5))
def test_any_interrupted_history_goes_as_in_rnnlm(values, restarts):
    with tempfile.TemporaryDirectory() as folder:
        check_against_rnnlm(values, *drive(LearningRateHalving, values, restarts, folder))


def test_a_full_disk_is_found_before_anything_is_written(tmp_path, monkeypatch):
    full = shutil.disk_usage(tmp_path)._replace(free=3)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(UserError, match=r"Expected [\d,]+ bytes of room for .* Received: 3 bytes"):
        run([97.0], LearningRateHalving(state_dir=tmp_path, verbose=0))
    assert list(tmp_path.iterdir()) == []
