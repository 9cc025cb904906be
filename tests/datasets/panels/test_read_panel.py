"""Panels of files, against what stands in them."""

import logging
import pathlib

import numpy as np
import pandas
import pytest

from kerasrnn.datasets import Panel, TimeSeries, read_panel

ETT = pathlib.Path(__file__).parents[4] / "shared" / "data" / "ett" / "ETTh1.csv"

SHOPS = """day,shop,size,region,sold,price,note
2026-11-01,b,30,north,5,2.5,x
2026-11-01,a,20,south,7,2,x
2026-11-02,a,20,south,8,2,x
2026-11-02,b,30,north,6,2.5,x
2026-11-03,a,20,south,,3,x
2026-11-03,b,30,north,NA,3,x
2026-11-04,a,20,south,null,4,x
"""


@pytest.fixture
def table(tmp_path):
    def write(text, name="table.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


@pytest.fixture
def notes(caplog):
    caplog.set_level(logging.INFO, "kerasrnn.datasets.notes")
    return lambda: "\n".join(record.message for record in caplog.records)


def days(values, start="2026-11-01", header="day,x"):
    rows = pandas.date_range(start, periods=len(values)).strftime("%Y-%m-%d")
    return "\n".join([header, *(f"{day},{value}" for day, value in zip(rows, values, strict=True))])


def test_several_series_in_one_table(table, notes):
    panel = read_panel(
        table(SHOPS),
        id="shop",
        static=["size", "region"],
        known_ahead=["price"],
        calendar=["month"],
    )
    assert panel.names == ("b", "a") and str(panel.step) == "1d" and panel.time_name == "day"
    assert panel.columns == ("sold", "price", "month_sin", "month_cos")
    assert panel.ahead == ("price", "month_sin", "month_cos")
    b, a = panel.series
    assert (b.known, a.known) == (2, 2)
    np.testing.assert_array_equal(a.values[:, :2], [[7, 2], [8, 2], [np.nan, 3], [np.nan, 4]])
    np.testing.assert_array_equal(b.values[:, :2], [[5, 2.5], [6, 2.5], [np.nan, 3]])
    november = 2 * np.pi * 10 / 12
    np.testing.assert_allclose(a.values[-1, 2:], [np.sin(november), np.cos(november)])
    assert panel.static == ("size", "region=north", "region=south")
    assert panel.categories == {"region": ("north", "south")}
    assert b.static.tolist() == [30, 1, 0] and a.static.tolist() == [20, 0, 1]
    assert panel.written(a.times) == [f"2026-11-0{i}" for i in (1, 2, 3, 4)]
    assert "left out, since they are no numbers: note" in notes()


def test_one_file_for_each_series(table, tmp_path):
    table(days([1, 2, 3]), "shops/north.csv")
    table(days([4, 5], "2026-11-20"), "shops/South.TSV".lower().replace("tsv", "csv"))
    panel = read_panel(tmp_path / "shops")
    assert panel.names == ("north", "south")
    assert [each.values[:, 0].tolist() for each in panel.series] == [[1, 2, 3], [4, 5]]
    assert read_panel([tmp_path / "shops" / "south.csv"]).names == ("",)


def test_rows_without_times(table):
    panel = read_panel(table("x;z\n1,5;2\n3;4\n"))
    assert panel.step is None and panel.series[0].times is None
    assert panel.series[0].values.tolist() == [[1.5, 2], [3, 4]]


def test_chosen_columns_and_a_named_time(table):
    text = "x,year,z\n1,1949,5\n2,1950,6\n3,1951,8\n"
    panel = read_panel(table(text), time="year", columns=["z", "x"])
    assert panel.columns == ("z", "x") and str(panel.step) == "1y"
    assert panel.series[0].values.tolist() == [[5, 1], [6, 2], [8, 3]]
    assert panel.written(panel.continued(2).series[0].times[-2:]) == ["1952", "1953"]


def test_json_lines(table):
    lines = '{"t": "2026-11", "x": 1.5}\n{"t": "2026-12", "x": null}\n{"t": "2027-01", "x": 3}\n'
    panel = read_panel(table(lines, "rows.jsonl"), missing="linear")
    assert panel.series[0].values[:, 0].tolist() == [1.5, 2.25, 3] and str(panel.step) == "1M"


@pytest.mark.parametrize(
    "missing, expected",
    [
        ("last", [3, 3, 3, 3, 3, 7, 7]),
        ("linear", [3, 3, 3, 4 + 1 / 3, 5 + 2 / 3, 7, 7]),
        ("zero", [0, 0, 3, 0, 0, 7, 0]),
    ],
)
def test_missing_numbers_and_rows(table, notes, missing, expected):
    """The fifth of November has no row."""
    rows = days(["", "NaN", 3, "", "", 7, "?"]).splitlines()
    panel = read_panel(table("\n".join(rows[:5] + rows[6:])), missing=missing)
    np.testing.assert_allclose(panel.series[0].values[:, 0], expected)
    assert panel.written(panel.series[0].times)[4] == "2026-11-05"
    assert "after line 5: 1 rows added for times that are missing" in notes()
    assert "line 2: of 7 numbers missing" in notes() and "5 in 'x'" in notes()


def test_resampling_is_the_mean(table, notes):
    values = np.random.default_rng(3).normal(size=101).round(3)
    times = pandas.date_range("2026-11-28 05:17", periods=101, freq="37min")
    frame = pandas.DataFrame({"time": times, "x": values})
    frame.loc[[4, 50], "x"] = np.nan
    panel = read_panel(table(frame.to_csv(index=False)), resample="2h")
    expected = frame.set_index("time")["x"].resample("2h").mean()
    np.testing.assert_allclose(panel.series[0].values[:, 0], expected)
    np.testing.assert_array_equal(panel.series[0].times, expected.index.to_numpy())
    assert "101 rows resampled to 32 with a step of 2h, by the mean" in notes()


def test_resampling_merges_rows_of_one_time(table):
    text = "t,x\n2026-11-01,1\n2026-11-01,3\n2026-11-02,5\n"
    assert read_panel(table(text), resample="1d").series[0].values.ravel().tolist() == [2, 5]


def test_rows_of_irregular_times_as_they_are(table):
    text = "t,x\n2026-11-02,1\n2026-11-03,3\n2026-11-05,4\n2026-11-07,5\n2026-11-12,2\n"
    panel = read_panel(table(text), irregular=True, calendar=["weekday"])
    assert panel.step is None and panel.series[0].values[:, 0].tolist() == [1, 3, 4, 5, 2]
    angles = 2 * np.pi * np.array([0, 1, 3, 5, 3]) / 7
    np.testing.assert_allclose(panel.series[0].values[:, 1], np.sin(angles), atol=1e-12)
    with pytest.raises(ValueError, match="Expected times with a regular step, to know the weekday"):
        panel.continued(1)


def test_days_before_months_where_these_are_in_order(table):
    text = "t,x\n01/11/2026,1\n02/11/2026,2\n13/11/2026,3\n"
    times = read_panel(table(text), missing="last").series[0].times
    assert len(times) == 13 and str(times[0])[:10] == "2026-11-01"


def test_the_first_of_each_month_with_the_day_before_it(table):
    # As months before days these are 1 to 12 January of each year, in order too.
    text = "".join(f"01/{1 + i % 12:02d}/{2020 + i // 12},{i}\n" for i in range(36))
    panel = read_panel(table("t,x\n" + text))
    assert str(panel.step) == "1M" and str(panel.series[0].times[1])[:10] == "2020-02-01"
    assert panel.continued(2).series[0].times[-2:].astype("M8[D]").astype(str).tolist() == [
        "2023-01-01",
        "2023-02-01",
    ]


def test_categories_of_a_training(table, notes):
    text = SHOPS.replace("north", "east")
    options = {
        "id": "shop",
        "columns": ["sold"],
        "static": ["region"],
        "known_ahead": ["price"],
    }
    panel = read_panel(table(text), **options, categories={"region": ("north", "south")})
    assert [each.static.tolist() for each in panel.series] == [[0, 0], [0, 1]]
    assert "region that the training has not seen: east" in notes()


def test_continued(table):
    panel = read_panel(
        table(SHOPS), id="shop", columns=["sold"], known_ahead=["price"], calendar=["weekday"]
    )
    one = panel.continued(1)
    assert [len(each.values) for each in one.series] == [3, 3]
    with pytest.raises(ValueError, match="price, known ahead, for 2 rows .* 'b'. Received: 1"):
        panel.continued(2)
    sundays = read_panel(table(days([1, 2, 3])), calendar=["weekday"]).continued(5).series[0]
    assert sundays.known == 3 and sundays.values.shape == (8, 3)
    # 2026-11-01 is a Sunday, and so is the last of them.
    np.testing.assert_allclose(sundays.values[7, 1:], sundays.values[0, 1:])
    assert np.isnan(sundays.values[3:, 0]).all() and str(sundays.times[-1])[:10] == "2026-11-08"
    plain = Panel.of(np.ones((3, 2)), ["x", "z"]).continued(2).series[0]
    assert plain.values.shape == (5, 2) and plain.times is None
    assert panel.ends().series[1].values.shape[0] == 2


def test_a_calendar_for_a_panel_of_numbers():
    times = np.datetime64("2026-11-01", "ms") + np.arange(6).astype("m8[D]")
    values = np.full((6, 2), np.nan)
    values[:4, 0], values[:, 1] = 1, 2
    panel = Panel((TimeSeries("", values, 4, times),), ("x", "price"), ahead=("price",))
    found = panel.with_calendar(["weekday", "month"])
    waves = ("weekday_sin", "weekday_cos", "month_sin", "month_cos")
    assert found.columns == ("x", "price", *waves) and found.ahead == ("price", *waves)
    assert found.calendar == ("weekday", "month") and panel.with_calendar([]) is panel
    np.testing.assert_array_equal(found.series[0].values[:, :2], values)
    # The fifth of November 2026 is a Thursday.
    angle = 2 * np.pi * 3 / 7
    np.testing.assert_allclose(found.series[0].values[4, 2:4], [np.sin(angle), np.cos(angle)])
    with pytest.raises(ValueError, match="no column with the name of the calendar"):
        found.with_calendar(["hour"])
    with pytest.raises(ValueError, match="Expected times, for features of the calendar"):
        Panel.of(np.ones((3, 1)), ["x"]).with_calendar(["hour"])


@pytest.mark.parametrize(
    "text, options, said",
    [
        ("t,x\n2026-11-01,1\n2026-11-03,2\n2026-11-02,3\n", {}, "line 4: expected a time after"),
        ("t,x\n2026-11-01,1\n2026-11-01,2\n", {}, "line 3: expected a time after .*`resample`"),
        (SHOPS.replace("02,b", "01,b"), {"id": "shop"}, "line 5: .* before of the series 'b'"),
        (days([1, 2, 3, 4, 5]).replace("2026-11-04,4\n", ""), {}, "line 4: .* 1 times missing"),
        ("t,x\n2026-11-01,1\n2026-11-02,2\n2026-11-03 ,3\n2026-11-04 05:00,4", {}, "column 't'"),
        ("t,x\n2026-11-01 00:00,1\n2026-11-01 01:00,2\n2026-11-01 02:30,3\n2026-11-01 03:30,3", {})
        + ("line 4: expected times with a regular step, such as 1h",),
        (days([1, "", 3, "na"]), {}, r"line 3: expected numbers in all .* of 4 missing 2 in 'x'"),
        (days([1, "inf"]), {}, "line 3, column 'x': expected a finite number"),
        (days([1, 2, "x"]), {}, "line 4, column 'x': expected a finite number"),
        (SHOPS, {"id": "shop", "static": ["sold"]}, "static column 'sold' not to change"),
        (SHOPS.replace("2026-11-02,b", "2026-11-02,"), {"id": "shop"}, "line 5: expected an id"),
        (SHOPS.replace(",4,x", ",,x"), {"id": "shop", "columns": ["sold"], "known_ahead": ["price"]}
         | {"missing": "last"})
        + ("line 8: expected a number in 'price', which is known ahead of the series 'a'",),
        (SHOPS, {"id": "store"}, "expected columns among day, shop.* Received: store"),
        (SHOPS, {"id": "shop", "static": ["shop"]}, "Received twice: shop"),
        ("x\n1\n2\n", {"resample": "1d"}, "expected a column of times for `resample`"),
        ("x\n1\n2\n", {"calendar": ["hour"]}, "expected a column of times for the calendar"),
        ("x\n1\n2\n", {"calendar": ["moon"]}, "Expected `calendar` to be one of"),
        (days([1, 2]), {"missing": "mean"}, "Expected `missing` to be one of"),
        (days([1, 2]), {"resample": "1d", "irregular": True}, "`resample` or `irregular`"),
        (days([1, 2], header="day,hour_sin"), {"calendar": ["hour"]}, "calendar. Received: hour_s"),
        ("t,x\n2026-11-01,1\n2026-11-02,2\n2056-11-02,2\n", {"missing": "last"}, "Received: 10,9"),
        ("t,x\n2026-11-01,\n2026-11-02,\n", {}, "expected a column of numbers. Received: x"),
        ("t,x\n2026-11-01,\n", {"columns": ["x"]}, "expected numbers in the column 'x'"),
    ],
)  # fmt: skip
def test_what_is_refused(table, text, options, said):
    with pytest.raises(ValueError, match=said):
        read_panel(table(text), **options)


def test_other_columns_in_another_file(table, tmp_path):
    table(days([1, 2]), "all/a.csv")
    table(days([1, 2], header="day,z"), "all/b.csv")
    with pytest.raises(ValueError, match=r"b.csv: expected the columns x, as .*a.csv has"):
        read_panel(tmp_path / "all")
    with pytest.raises(ValueError, match="expected files that end with"):
        read_panel(pathlib.Path(__file__).parent)


def test_a_line_of_the_second_file_is_named(table):
    one = table("day,id,x\n2026-11-01,a,1\n2026-11-02,a,2\n", "one.csv")
    two = table("day,id,x\n2026-11-03,a,1\n2026-11-02,a,2\n", "two.csv")
    with pytest.raises(ValueError, match=r"two.csv, line 3: expected a time after 2026-11-03"):
        read_panel([one, two], id="id")


@pytest.mark.skipif(not ETT.exists(), reason="needs ETTh1.csv beside the repository")
def test_hourly_temperatures_of_oil():
    panel = read_panel(ETT, calendar=["hour", "weekday"])
    frame = pandas.read_csv(ETT, parse_dates=["date"])
    np.testing.assert_array_equal(panel.series[0].values[:, :7], frame.iloc[:, 1:].to_numpy())
    np.testing.assert_array_equal(panel.series[0].times, frame["date"].to_numpy())
    assert str(panel.step) == "1h" and panel.step.season == 24 and panel.rows == 17420
