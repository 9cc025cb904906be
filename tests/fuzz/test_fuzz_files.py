"""Files of any bytes: a training reads them, or refuses them in a sentence."""

import codecs
import gzip
import json

import pytest
from hypothesis import strategies as st

from kerasrnn.tasks import start
from kerasrnn.tasks.registry import entry_of
from tests.fuzz.clean import CASES, ends_cleanly, tried

SUFFIXES = {
    "classify": [".tsv", ".csv", ".jsonl", ".txt", ".ndjson", ""],
    "tag": [".tsv", ".csv", ".conll", ".conllu", ".jsonl"],
    "translate": [".tsv", ".csv", ".jsonl", ".json"],
    "language-model": [".txt", ".csv", ".jsonl", ".tsv"],
    "forecast": [".csv", ".tsv", ".txt"],
}
CELLS = [
    *("a", "b c", "so far", "far so", "", " ", '"', '""', '"open', "\x00", "\ufeff", "é", "🙂"),
    *("\u2028", "\x85", "\r", "1", "2", "-0.5", "1e999", "nan", "0,5", "x" * 3000, "B-PER"),
    *("I-PER", "O", "_", "#", "# id = 1", "-DOCSTART-", "2020-01-01", "{", "null", "text", "label"),
    *("1-2", "1.1", "<unknown>", "\\", "\udcff"),
]
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(CELLS)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "label", "tokens", "tags", "a", "b"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)


@st.composite
def tables(draw):
    """Rows of cells, most of the same number, perhaps with a row of another kind."""
    separator = draw(st.sampled_from(["\t", ",", ";", " ", "|"]))
    cells = st.sampled_from(CELLS)
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6))
    rows = [separator.join(row) for row in rows] * draw(st.sampled_from([1, 9, 25]))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(rows)))
        rows.insert(place, separator.join(draw(st.lists(cells, max_size=5))))
    return draw(st.sampled_from(["\n", "\n", "\r\n", "\r", "\n\n"])).join(rows)


@st.composite
def objects(draw):
    rows = draw(st.lists(JSON, min_size=1, max_size=4)) * draw(st.sampled_from([1, 20]))
    return "\n".join(json.dumps(each) for each in rows)


# By task and how the name ends a header, if any, and a row.
ROWS = {
    ("classify", ".tsv"): ("", ["so far\tno", "far\tyes"]),
    ("classify", ".csv"): ("text,label\n", ["so far,no", '"far, ""so""",yes']),
    ("classify", ".jsonl"): ("", ['{"text": "so", "label": "no"}', '{"text": "a", "label": 1}']),
    ("tag", ".conll"): ("", ["so\tO\nfar\tB-PER\n", "far\tI-PER\n"]),
    ("tag", ".jsonl"): ("", ['{"tokens": ["so", "far"], "tags": ["O", "B-X"]}']),
    ("translate", ".tsv"): ("", ["so far\tfar so", "far\tso"]),
    ("translate", ".csv"): ("source,target\n", ["so far,far so", "far,so"]),
    ("language-model", ".txt"): ("", ["so far", "far so far"]),
    ("forecast", ".csv"): ("date,x\n", ["2020-01-01,1.5", "2020-01-02,2", "2020-01-03,-3e1"]),
}


@st.composite
def nearly_right(draw):
    """A file as a training takes it, but for a few cells that are put somewhere."""
    (task, suffix), (header, rows) = draw(st.sampled_from(sorted(ROWS.items())))
    text = header + "".join(f"{row}\n" for row in rows) * (600 if task == "language-model" else 40)
    for _ in range(draw(st.integers(0, 3))):
        place, gone = draw(st.integers(0, len(text))), draw(st.integers(0, 7))
        text = text[:place] + draw(st.sampled_from(CELLS)) + text[place + gone :]
    return task, suffix, text.encode("utf-8", "surrogateescape")


@st.composite
def files(draw):
    """The name of a task, how its file's name ends, and its bytes."""
    task = draw(st.sampled_from(sorted(SUFFIXES)))
    text = draw(st.one_of(tables(), tables(), objects(), st.text(max_size=200)))
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "latin-1"]))
    content = text.encode(encoding, "replace" if encoding == "latin-1" else "surrogatepass")
    content = (
        draw(st.sampled_from([b"", b"", b"", codecs.BOM_UTF8, b"\x1f\x8b", b"PK\x03\x04"]))
        + content
    )
    if draw(st.integers(0, 5)) == 0:
        content = gzip.compress(content)
    for _ in range(draw(st.sampled_from([0, 0, 1, 3]))):
        place = draw(st.integers(0, len(content)))
        content = content[:place] + draw(st.binary(max_size=2)) + content[place + 1 :]
    return task, draw(st.sampled_from(SUFFIXES[task])), content


@pytest.fixture
def reading(monkeypatch):
    """Reads all that a training reads, and makes its task, instead of training."""

    def read(options, *_, **__):
        job = entry_of(options).parts().job(options)
        job.check_options()
        raw = job.read_splits()
        task = job.new_task(raw["train"])
        job.examples(task, raw["validation"])

    monkeypatch.setattr(start, "train", read)


@CASES
def test_files(number, reading, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def check(file):
        task, suffix, content = file
        (tmp_path / f"data{suffix}").write_bytes(content)
        words = ["train", task, "--data", f"./data{suffix}", "--output", "run", "--units", "2"]
        ends_cleanly([*words, "--window=3"] if task == "forecast" else [*words, "--min-count=1"])

    tried(number // 5, check, file=st.one_of(nearly_right(), nearly_right(), files()))
