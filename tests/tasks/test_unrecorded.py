"""Options that are newer than a run."""

import pytest

from kerasrnn.tasks import unrecorded
from kerasrnn.tasks.unrecorded import with_unrecorded


@pytest.fixture
def newer(monkeypatch):
    monkeypatch.setitem(unrecorded.UNRECORDED, "spin", "none")


def test_an_option_that_the_run_has_not_recorded_is_what_it_was_before(newer):
    assert with_unrecorded({"spin": "left", "units": 5}, {"units": 5}) == {
        "spin": "none",
        "units": 5,
    }


def test_what_the_run_recorded_or_nobody_named_stays_as_it_is_said(newer):
    assert with_unrecorded({"spin": "left"}, {"spin": "right"}) == {"spin": "left"}
    assert with_unrecorded({"units": 5}, {}) == {"units": 5}
