"""What an input costs: counted by hand."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from kerasrnn.serving.costs import Reading, check_tokens, reading_of, token_counts
from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.image_sizes import pixels
from kerasrnn.serving.json_tensors import Spec

TEXT = Spec("string", (None,))


def texts(*values):
    array = np.empty(len(values), object)
    array[:] = [value.encode() for value in values]
    return array


@pytest.mark.parametrize(
    "reading, text, count",
    [
        (Reading("character"), "größer 🙂", 8),
        (Reading("word"), "Hi, you!", 4),
        (Reading("whitespace"), "  a  b ", 2),
        (Reading("subword"), "unbelievable", 4),
        (Reading("word"), "", 0),
        (Reading("word"), "x" * 160, 10),  # it has to be split, too
        (Reading("word", kept=3), "a b c d e", 3),
        (Reading("character", kept=3), "x" * 160, 10),
        (Reading("word"), "我爱北京 NLP。", 3),
        (Reading("word", splitting=2), "我爱北京 NLP。", 6),
    ],
)
def test_the_tokens_of_a_text(reading, text, count):
    assert reading.tokens(text.encode()) == count


def test_a_text_that_is_no_utf8_counts_too():
    assert Reading().tokens(b"\xff\xfe") == 2


@pytest.mark.parametrize(
    "notes, reading",
    [
        ({}, Reading()),
        ({"settings": []}, Reading()),
        ({"task": "translate", "settings": {"level": "word", "max_length": 7}}, Reading("word")),
        ({"task": "classify", "settings": {"level": "word", "max_length": 7}}, Reading("word", 7)),
        ({"task": "classify", "settings": {"max_length": None}}, Reading()),
        ({"task": "classify", "settings": {"max_length": "7"}}, Reading()),
        ({"task": "tag", "settings": {}}, Reading("word")),
        (
            {"task": "caption", "settings": {"level": "word"}, "splitting": 2},
            Reading("word", None, 2),
        ),
    ],
)
def test_an_export_says_how_it_reads(notes, reading):
    assert reading_of(notes) == reading


@pytest.mark.parametrize(
    "inputs, specs, counts",
    [
        ({"text": texts("abc", "", "ab")}, {"text": TEXT}, [3, 0, 2]),
        ({"text": texts("abc"), "answer": texts("de")}, {"text": TEXT, "answer": TEXT}, [5]),
        ({"image_bytes": texts("abc")}, {"image_bytes": TEXT}, [0]),
        (  # steps; the size of a step is the model's own
            {"x": np.zeros((2, 5, 3)), "n": np.zeros(2)},
            {"x": Spec("float32", (None, None, 3)), "n": Spec("int32", (None,))},
            [5, 5],
        ),
        (  # tokens that are split already, and one that is long
            {"tokens": np.array([[b"a", b"b", b""], [b"a", b"x" * 9, b""]], object)},
            {"tokens": Spec("string", (None, None))},
            [3, 10],
        ),
        ({"x": np.zeros((2, 5))}, {"x": Spec("float32", None)}, [5, 5]),
        ({"x": np.array(1.0)}, {"x": Spec("float32", ())}, []),
        ({"x": np.zeros((0, 5))}, {"x": Spec("float32", (None, None))}, []),
    ],
)
def test_the_tokens_of_each_row(inputs, specs, counts):
    assert token_counts(inputs, specs, Reading()).tolist() == counts


def test_the_row_that_is_too_long_is_named():
    check_tokens(np.array([], int), 1)
    check_tokens(np.array([1, 7]), 7)
    with pytest.raises(RequestError, match="at most 7 tokens .* Received: 11 in instance 2") as e:
        check_tokens(np.array([1, 7, 11, 8]), 7)
    assert e.value.status == 413


def image(width, height, form, **options):
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "form, options",
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True, "comment": b"\xff\xc0 no frame \xff\xd8"}),
        ("GIF", {}),
        ("BMP", {}),
    ],
)
def test_the_pixels_of_an_image(form, options):
    content = image(13, 700, form, **options)
    assert pixels(content) == 9100
    assert all(pixels(content[:end]) in (0, 9100) for end in range(min(len(content), 1000)))
    row = np.array([content, b"", content, b"no image"], object)
    inputs, specs = {"frames_bytes": row[np.newaxis]}, {"frames_bytes": Spec("string", (None, 4))}
    assert token_counts(inputs, specs, Reading()).tolist() == [2]


def test_an_image_costs_its_pixels():
    content = np.array([image(640, 640, "PNG"), b""], object)  # 50 times 8,192
    counts = token_counts({"image_bytes": content}, {"image_bytes": TEXT}, Reading())
    assert counts.tolist() == [50, 0]


def test_an_image_that_would_fill_the_memory_is_refused():
    header = struct.pack(">II", 30_000, 30_000)
    content = np.array([b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + header], object)
    counts = token_counts({"image_bytes": content}, {"image_bytes": TEXT}, Reading())
    with pytest.raises(RequestError, match="at most 4096 tokens"):
        check_tokens(counts, 4096)
