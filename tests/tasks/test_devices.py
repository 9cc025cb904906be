"""What several devices ask of a training, and what a worker does with its folder."""

import contextlib

import pytest

from kerasrnn.tasks.states.run_state import RunState
from kerasrnn.tasks.workers.devices import ONE_DEVICE, Devices


class Three(Devices):
    """Three replicas, wherever it runs."""

    replicas = 3


class Second(Devices):
    """The second worker of a cluster, without the others."""

    is_chief = False
    met = 0

    def scope(self):
        return contextlib.nullcontext()

    def agreed(self, says):
        Second.met += 1
        return says


@pytest.mark.parametrize(
    ("size", "carries_states"), [(6, True), (4, False), (3, True), (None, True)]
)
def test_batches_that_can_be_cut(size, carries_states):
    Three("mirrored").check(size, carries_states)


@pytest.mark.parametrize(
    ("devices", "size", "carries_states", "sentence"),
    [
        (Three("mirrored"), 7, True, "`batch_size` as a multiple of 3, .* Received: 7"),
        (Three("mirrored"), 2, False, "`batch_size` as at least 3, .* Received: 2"),
        (Three("mirrored", 2), 5, False, "`batch_size` as at least 6, .* Received: 5"),
        (Devices(None, 2), 6, True, "`accumulate` of 1 .* Received: 2"),
    ],
)
def test_batches_that_cannot_be_cut(devices, size, carries_states, sentence):
    with pytest.raises(ValueError, match=sentence):
        devices.check(size, carries_states)


def test_states_within_an_epoch(tmp_path):
    within, end = RunState.at(tmp_path, 2, 7), RunState.at(tmp_path, 2)
    for devices, state, carries_states in (
        (ONE_DEVICE, within, True),
        (Three("mirrored"), within, False),
        (Three("mirrored"), end, True),
        (Three("mirrored"), None, True),
    ):
        devices.check_state(state, carries_states)
    with pytest.raises(ValueError, match="saved at the end of an epoch"):
        Three("mirrored").check_state(within, True)


def test_another_worker_reads_the_run_and_writes_none_of_it(tmp_path):
    run = tmp_path / "run"
    (run / "state").mkdir(parents=True)
    for name in ("config.json", "state/epoch-0001.keras", ".7-config.json"):
        (run / name).write_text(name)
    second = Second("multi-worker")
    with second.folder(run, resume=True) as place:
        assert place != run and Second.met == 1
        there = sorted(str(path.relative_to(place)) for path in place.rglob("*"))
        assert there == ["config.json", "state", "state/epoch-0001.keras"]
        (place / "config.json").write_text("changed")
    assert not place.exists() and (run / "config.json").read_text() == "config.json"
    with second.folder(run, resume=False) as place:
        assert not place.exists()
