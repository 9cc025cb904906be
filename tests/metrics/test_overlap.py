"""BLEU and chrF against sacreBLEU's own functions and formulas worked out by hand."""

import math
import sys

import pytest
import sacrebleu

from kerasrnn.metrics import text_overlap
from kerasrnn.tasks.text_metrics import text_metrics

REFERENCES = ["A dog runs, quickly.", "Zwei Männer stehen am Herd.", "It's 5 o'clock.", "yes"]
ANSWERS = ["A dog runs quickly.", "Zwei Männer stehen an einem Herd.", "It's five o'clock.", ""]


def test_against_the_functions_of_sacrebleu():
    found = text_overlap(REFERENCES, ANSWERS)
    assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(ANSWERS, [REFERENCES]).score)
    assert found["chrf"] == pytest.approx(sacrebleu.corpus_chrf(ANSWERS, [REFERENCES]).score)
    assert 10 < found["bleu"] < found["chrf"] < 90
    assert found["bleu_signature"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|")
    assert found["chrf_signature"].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|")
    assert all(sacrebleu.__version__ in found[f"{name}_signature"] for name in ("bleu", "chrf"))


def test_bleu_by_hand():
    """Precisions 4/5, 3/4, 2/3, 1/2 and a brevity penalty for five tokens instead of six."""
    found = text_overlap(["a b c d e f"], ["a b c d f"])
    precision = (4 + 1) / 5 * 3 / 4 * 2 / 3 * 1 / 2
    assert found["bleu"] == pytest.approx(100 * math.exp(1 - 6 / 5) * precision ** (1 / 4))


def test_case_and_order_of_texts():
    assert text_overlap(REFERENCES, REFERENCES)["bleu"] == pytest.approx(100)
    assert text_overlap(REFERENCES[:3], [text.lower() for text in REFERENCES[:3]])["bleu"] < 90
    one, other = text_overlap(REFERENCES, ANSWERS), text_overlap(REFERENCES[::-1], ANSWERS[::-1])
    assert one == pytest.approx(other)


def test_no_texts_and_texts_too_few():
    found = text_overlap([], [])
    assert list(found) == ["bleu", "chrf"] and all(map(math.isnan, found.values()))
    with pytest.raises(ValueError, match="as many answers as references, 2. Received: 1"):
        text_overlap(["a", "b"], ["a"])


def test_without_sacrebleu_the_extra_is_named(monkeypatch):
    for name in {"sacrebleu", *(name for name in sys.modules if name.startswith("sacrebleu"))}:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ValueError, match=r"pip install 'kerasrnn\[translation\]'"):
        text_overlap(["a"], ["a"])
    assert list(text_metrics(["a"], ["a"])) == ["note"]
    assert "pip install 'kerasrnn[translation]'" in text_metrics(["a"], ["a"])["note"]
