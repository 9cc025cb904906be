"""Features of the calendar in a graph, against those of NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.datasets.panels.calendar_features import CALENDAR, calendar_values
from kerasrnn.datasets.panels.calendar_graph import calendar_waves


@pytest.mark.parametrize("feature", CALENDAR)
def test_a_graph_knows_the_calendar(feature):
    """Before and after 1970, over years of 53 weeks, 1900 and 2000."""
    times = np.datetime64("1896-12-25", "s") + np.arange(9973) * np.timedelta64(611_953, "s")
    waves = tf.function(calendar_waves)(times.astype("int64").reshape(-1, 1), [feature])
    expected = calendar_values(times, [feature])
    np.testing.assert_allclose(waves[:, 0], expected, rtol=0, atol=1e-12)
    assert times[-1] > np.datetime64("2088")


def test_several_features_in_their_order():
    times = np.array([["2026-11-28T05:17", "2024-02-29T23:59"]], "M8[s]")
    features = ["month", "hour"]
    waves = calendar_waves(times.astype("int64"), features)
    np.testing.assert_allclose(waves[0], calendar_values(times[0], features), atol=1e-12)
    with pytest.raises(ValueError, match="Expected `calendar` to be one of"):
        calendar_waves(times.astype("int64"), ["moon"])
