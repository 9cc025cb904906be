"""JSON to arrays and back."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.json_replies import reply_body, reply_parts
from kerasrnn.serving.json_requests import parse_request, read_inputs
from kerasrnn.serving.json_tensors import Spec, array_from_json

INTEGERS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]

GOOD = [
    ("a", "string", b"a"),
    ([["é", {"b64": "/wA"}]], "string", [["é".encode(), b"\xff\x00"]]),
    ({"b64": "/w=="}, "string", b"\xff"),
    ([1, 2.5], "float32", [1.0, 2.5]),
    ([2**53 - 1], "float64", [2.0**53 - 1]),
    ([-128, 127], "int8", [-128, 127]),
    ([2**64 - 1], "uint64", [2**64 - 1]),
    ([True, False], "bool", [True, False]),
    ([[], []], "int32", [[], []]),
]


@pytest.mark.parametrize("value, dtype, expected", GOOD)
def test_values_of_each_type(value, dtype, expected):
    assert array_from_json(value, dtype).tolist() == expected


def test_infinity_is_taken_as_it_is():
    assert array_from_json(json.loads("[-Infinity, NaN]"), "float32")[0] == -math.inf


BAD = [
    ("a", "float32", 'JSON Value: "a" Type: String is not of expected type: float'),
    ([True], "int32", "JSON Value: true Type: Boolean is not of expected type: int32"),
    ([1], "bool", "JSON Value: 1 Type: Number is not of expected type: bool"),
    ([1.5], "int32", "JSON Value: 1.5 Type: Number"),
    ([256], "uint8", "is not of expected type: uint8"),
    ([None], "string", "JSON Value: null Type: Null is not of expected type: string"),
    ([1], "string", "is not of expected type: string"),
    ({"b65": ""}, "string", "not formatted correctly for base64 data"),
    ({"b64": "!"}, "string", "Unable to base64 decode"),
    ({"b64": ""}, "float32", "Type: Object is not of expected type: float"),
    ("\ud800", "string", "surrogate"),
    ([2**24], "float32", "Cannot convert JSON value: 16777216 to float without loss of precision."),
    ([1e39], "float32", "without loss of precision"),
    ([10**5000], "float64", "a number of more than 100 digits"),
    ([[1], 2], "int32", "JSON Value: 2 found at incorrect level: 2 in the JSON DOM"),
    ([1, [2]], "int32", "Encountered list at unexpected level: 1 expected < 1"),
    ([[1, 2], [3]], "int32", "Encountered list at unexpected size: 1 at level: 1 expected size: 2"),
    ([1], "complex64", "not implemented"),
]


@pytest.mark.parametrize("value, dtype, message", BAD)
def test_values_of_another_type_and_ragged_lists(value, dtype, message):
    with pytest.raises(RequestError) as caught:
        array_from_json(value, dtype)
    assert message in caught.value.message


def test_lists_of_any_depth_are_refused_and_not_followed():
    value = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(RequestError, match="at most 32 levels"):
        array_from_json(value, "int32")


def arrays():
    """Numeric arrays that JSON can hold, and byte strings that are UTF-8."""
    shapes = st_numpy.array_shapes(min_dims=1, max_dims=3, max_side=3)

    def of(dtype):
        if dtype == "string":
            elements = st.text(st.characters(codec="utf-8")).map(lambda text: text.encode())
            return st_numpy.arrays(object, shapes, elements=elements)
        if dtype.startswith("float"):
            width = int(dtype.removeprefix("float"))
            elements = st.floats(allow_nan=False, allow_infinity=False, width=width)
            return st_numpy.arrays(dtype, shapes, elements=elements)
        return st_numpy.arrays(dtype, shapes)

    types = st.sampled_from(["string", "bool", "float16", "float32", "float64", *INTEGERS])
    return types.flatmap(lambda dtype: st.tuples(st.just(dtype), of(dtype)))


@given(arrays())
def test_what_is_written_reads_as_the_same_array(typed):
    dtype, array = typed
    body = json.loads(reply_body({"x": array}, rows=False))
    again = array_from_json(body["outputs"], dtype)
    assert again.dtype == array.dtype and again.shape == array.shape
    assert again.tolist() == array.tolist()


@given(st.lists(st.binary(), min_size=1))
def test_bytes_of_any_kind_come_back_from_an_output_named_so(values):
    array = np.array([None, *values], object)[1:]
    (reply,) = json.loads(reply_body({"x_bytes": array}, rows=True)).values()
    assert array_from_json(reply, "string").tolist() == values
    json.loads(reply_body({"x": array}, rows=True))  # no valid text, and still valid JSON


@given(
    st_numpy.arrays(
        "float32", st.tuples(st.just(3), st.integers(1, 4)), elements=st.floats(0, 1, width=32)
    ),
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=3, max_size=3),
)
def test_row_form_and_column_form_agree(values, lengths):
    specs = {"values": Spec("float32", (None, None)), "length": Spec("int32", (None,))}
    columns = {"values": values.astype("float64").tolist(), "length": lengths}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    read = [
        read_inputs(parse_request(json.dumps(document).encode()), specs)
        for document in ({"instances": rows}, {"inputs": columns})
    ]
    for name in specs:
        np.testing.assert_array_equal(read[0][name], read[1][name])
    by_row = json.loads(reply_body(read[0], rows=True))["predictions"]
    by_column = json.loads(reply_body(read[0], rows=False))["outputs"]
    assert by_row == [
        dict(zip(by_column, row, strict=True)) for row in zip(*by_column.values(), strict=True)
    ]


def test_one_output_is_a_plain_value():
    output = {"x": np.array([[1, 2]])}
    assert reply_body(output, rows=True) == b'{"predictions":[[1,2]]}'
    assert reply_body(output, rows=False) == b'{"outputs":[[1,2]]}'


def test_digits_are_those_that_tell_a_float_from_its_neighbours():
    output = {"x": np.array([0.2, 1e-7, 16777215, 3], "float32")}
    assert reply_body(output, rows=True) == b'{"predictions":[0.2,1e-07,16777215.0,3.0]}'


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_numbers_that_json_lacks_are_an_error(value):
    with pytest.raises(RequestError, match="finite numbers in the output `x`"):
        reply_body({"x": np.array([0, value], "float32")}, rows=True)


def test_rows_need_outputs_of_equal_length():
    with pytest.raises(RequestError, match="no shape information"):
        reply_body({"x": np.array(1)}, rows=True)
    with pytest.raises(RequestError, match="inconsistent batch size: 2 expecting: 1"):
        reply_body({"x": np.zeros(1), "y": np.zeros(2)}, rows=True)
    assert reply_body({"x": np.array(1)}, rows=False) == b'{"outputs":1}'


def test_long_replies_are_written_in_parts():
    outputs = {"x": np.arange(600), "y": np.arange(1200).reshape(600, 2)}
    parts = list(reply_parts(outputs, rows=True))
    assert len(parts) == 5  # two brackets, 256 + 256 + 88 rows
    rows = [{"x": x, "y": [2 * x, 2 * x + 1]} for x in range(600)]
    assert json.loads(b"".join(parts)) == {"predictions": rows}
