"""Tables of answers: which columns a record has does not depend on what is in it."""

import csv
import json

import pytest

from kerasrnn.cli.answer_tables import write_table

STEPS = {"tokens": "token", "labels": "label"}
ADA = [{"label": "PER", "start": 0, "end": 1}]


@pytest.mark.parametrize("entities", [([], ADA), (ADA, []), ([], [])])
def test_sentences_with_and_without_entities(entities, tmp_path):
    records = [
        {"tokens": ["Ada", "wrote"], "labels": ["B-PER", "O"], "entities": each}
        for each in entities
    ]
    assert write_table(str(tmp_path / "a.csv"), records, unit="sentence", steps=STEPS) == 2
    rows = list(csv.reader((tmp_path / "a.csv").read_text().splitlines()))
    assert rows[0] == ["sentence", "token", "label"]
    assert rows[1:] == [[n, *row] for n in "12" for row in (["Ada", "B-PER"], ["wrote", "O"])]
    write_table(str(tmp_path / "a.jsonl"), records, unit="sentence", steps=STEPS)
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert [json.loads(line)["entities"] for line in lines] == list(entities)


def test_texts_with_several_labels_and_none(tmp_path):
    records = [{"text": text, "labels": labels} for text, labels in (("a", []), ("b", ["x", "y"]))]
    write_table(str(tmp_path / "a.csv"), records)
    assert (tmp_path / "a.csv").read_text() == "text,labels\na,\nb,x|y\n"
