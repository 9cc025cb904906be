"""What options of forecasts mean together."""

import pytest

from kerasrnn.options import Forecast


def test_sizes_of_parts():
    options = Forecast(data="a.csv", test_size=24, validation_size=0.2)
    sizes = options.part_sizes()
    assert sizes == {"validation": 0.2, "test": 24, "train": None}
    assert Forecast(data="a.csv", test_size="2026-09-01").part_sizes()["test"] == "2026-09-01"
    assert Forecast.recorded({"data": "a.csv"}).method == "window"
    assert Forecast(data="a.csv", quantiles=[0.1, 0.9]).levels == (0.1, 0.9)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"method": "window", "id": "shop"}, "direct or recursive for `id`"),
        ({"quantiles": [0.5], "loss": "mae"}, "no quantiles.*for `loss`"),
        ({"quantiles": [0.5, 1.2]}, "between 0 and 1.*Received: 1.2"),
        ({"quantiles": [0.9, 0.1]}, "distinct and ascending"),
        ({"quantiles": ["low"]}, "levels such as 0.1 0.5 0.9. Received"),
        ({"method": "recursive", "patch_length": 12}, "direct for `patch_length`"),
        ({"method": "recursive", "cell": "elman"}, "whose decoder begins with the states"),
        ({"patch_length": 5}, "multiple of the patch length 5. Received: 24"),
        ({"patch_length": 12, "bidirectional": True}, "no `patch_length` for `bidirectional`"),
        ({"test_size": "0"}, "`test_size` to be a number of rows"),
        ({"validation_size": "late"}, "`validation_size` to be a number of rows"),
    ],
)
def test_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Forecast(data="a.csv", **changes)
