"""Lists of numbers on the page: fields for them, forecasts, neighbours and vectors."""

import json

import pytest
import tensorflow as tf

WINDOW, HORIZON = 3, 2


class Series(tf.Module):
    """A forecast of two targets in three quantiles, which depend on what is asked."""

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="series"),
            tf.TensorSpec([None, WINDOW], tf.float64, name="sold_kg"),
            tf.TensorSpec([None, WINDOW + HORIZON], tf.float64, name="price"),
            tf.TensorSpec([None, WINDOW + HORIZON], tf.int64, name="time"),
        ]
    )
    def serve(self, series, sold_kg, price, time):
        last = sold_kg[:, -1:] + price[:, -HORIZON:]
        hours = tf.cast(time[:, -HORIZON:] // 3600, tf.float64)
        forecast = tf.stack([last, hours], axis=-1)
        quantiles = tf.stack([forecast - 1, forecast, forecast + 2], axis=-1)
        return {"forecast": forecast, "quantiles": quantiles}

    @tf.function(input_signature=[tf.TensorSpec([None, None, 2], tf.float32, name="features")])
    def steps(self, features):
        return {"sums": tf.reduce_sum(features, axis=1)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def vectors(self, text):
        length = tf.cast(tf.strings.length(text), tf.float32)
        return {"vector": tf.stack([length, 3.0 - length], axis=1)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def neighbors(self, text):
        rows = tf.strings.length(text)[:, None] > 0
        words = tf.where(rows, [["king", "queen"]], "")
        return {"words": words, "similarities": tf.where(rows, [[0.75, -0.5]], 0.0)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def several(self, text):
        rows = tf.zeros([tf.size(text), 2])
        return {
            "chosen": tf.where(rows > 1, "", [["price", ""]]),
            "number": tf.ones_like(tf.strings.length(text)),
            "labels": tf.where(rows > 1, "", [["price", "size"]]),
            "probabilities": rows + [[0.5, 0.25]],
            "thresholds": rows + [[0.375, 0.5]],
        }


@pytest.fixture(scope="module")
def client(tmp_path_factory, running):
    from kerasrnn.serving import create_app

    folder = tmp_path_factory.mktemp("series")
    module = Series()
    names = ("steps", "vectors", "neighbors", "several")
    functions = {"serving_default": module.serve, **{name: getattr(module, name) for name in names}}
    tf.saved_model.save(module, str(folder / "shop" / "1"), functions)
    notes = {
        "format": 1,
        "signatures": {},
        "targets": ["sold (kg)", "visitors"],
        "quantiles": [0.1, 0.5, 0.9],
        "columns": ["left", "right"],
        "example": {
            "series": "north",
            "sold_kg": [1.5, 2.0, 4.0],
            "price": [0.0, 0.0, 0.0, 10.0, 20.0],
            "time": [3600 * i for i in range(5)],
            "features": [[1.0, 2.0], [3.0, 5.0]],
        },
    }
    (folder / "shop" / "1" / "assets").mkdir(exist_ok=True)
    (folder / "shop" / "1" / "assets" / "kerasrnn.json").write_text(json.dumps(notes))
    with running(create_app(folder)) as client:
        yield client


def value(page, name):
    return page.run(f"document.getElementById('input-{name}').value")


def hint(page, name):
    return page.text_of(f"#hint-{name}")


def test_an_example_stands_in_the_fields(page):
    assert value(page, "series") == "north"
    assert value(page, "sold_kg") == "1.5 2 4"
    assert value(page, "time").split()[-1] == "1970-01-01T04:00"
    assert hint(page, "sold_kg").startswith("3 numbers")
    assert hint(page, "price").endswith("3 of the past and 2 of what is forecast")
    assert page.run("document.getElementById('table').hidden"), "a row is no list"


def test_a_forecast_is_a_curve_and_a_table_of_its_steps(page):
    page.predict()
    heads = ["time", "sold (kg)", "0.1", "0.5", "0.9", "visitors", "0.1", "0.5", "0.9"]
    assert page.texts_of("#answer tr:first-child th") == heads
    assert page.texts_of("#answer th[scope=row]") == ["1970-01-01 03:00", "1970-01-01 04:00"]
    first = ["14", "13", "14", "16", "3", "2", "3", "5"]
    assert page.texts_of("#answer tr:nth-child(2) td") == first
    captions = page.texts_of(".curve figcaption")
    assert [each.split(":")[0] for each in captions] == ["sold (kg)", "visitors"]
    assert captions[0].endswith("from 1.5, below, to 26, above")
    points = "document.querySelector('.curve .past').getAttribute('points').split(' ').length"
    assert page.run(points) == WINDOW
    assert page.run("document.querySelector('dl') === null"), "nothing is left over"


def test_times_are_read_as_people_write_them(page):
    page.fill(time="1 2026-01-01 2026-01-02T12:00 2026-01-03T12:00Z 7200\n")
    page.predict()
    cells = page.texts_of("#answer tr td:nth-child(6)")
    # 20,456 days since 1970 and half a day; and seconds.
    assert cells == ["490956", "2"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sold_kg": "1 2"}, "Expected 3 numbers of “sold kg”. Received: 2"),
        ({"sold_kg": ""}, "Expected 3 numbers of “sold kg”. Received: 0"),
        ({"sold_kg": "1 two 3"}, "Expected numbers of “sold kg”. Received: “two”"),
        ({"sold_kg": "[1, 2"}, "Expected JSON in “sold kg”, such as [1, 2, 3]"),
        ({"time": "1 2 3 4 soon"}, "Expected times of “time”. Received: “soon”"),
    ],
)
def test_what_is_no_list_is_one_sentence(page, fields, said):
    page.fill(**fields)
    page.predict()
    assert page.text_of("#error") == said


def test_steps_are_lines(page):
    page.choose(signature="steps")
    assert value(page, "features") == "1 2\n3 5"
    assert "2 numbers in each: left, right" in hint(page, "features")
    page.predict()
    assert page.text_of("#answer dd") == "[4,7]"
    page.fill(features="0.5\t1\n\n1,5, 2\n")
    page.predict()
    assert page.text_of("#error") == "Expected 2 numbers in line 2 of “features”. Received: 3"


def test_vectors_of_lines_are_compared(page):
    page.choose(signature="vectors")
    page.fill(text="a\nabc")
    page.predict()
    # (1, 2) and (3, 0): 3 / (3 √5).
    assert page.texts_of(".heatmap td:not(.corner)") == ["1.00", "0.45", "0.45", "1.00"]
    assert page.texts_of(".vector") == ["1.0000 2.0000", "3.0000 0.0000"]


def test_nearest_words(page):
    page.choose(signature="neighbors")
    page.fill(text="man")
    page.predict()
    assert page.texts_of(".bars li") == ["king\n0.750", "queen\n-0.500"]
    page.fill(text="")
    page.predict()
    assert "None of the words has a vector" in page.text_of("#answer")


def test_thresholds_stand_beside_probabilities(page):
    page.choose(signature="several")
    page.predict()
    assert page.text_of(".headline") == "price"
    said = page.texts_of(".bars li > span:last-child")
    assert said == ["50.0 %, answered from 37.5 % on", "25.0 %, answered from 50.0 % on"]
