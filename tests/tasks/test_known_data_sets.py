"""Data sets that many know, from their own features to a first look at a training."""

import re

import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.cli.main import main
from kerasrnn.datasets.sources import builders
from kerasrnn.tasks import dry_run
from kerasrnn.vocabulary import RESERVED

EXAMPLES = 5
SMALL = ["--units", "3", "--batch-size", "3", "--dry-run"]
RARE, EACH = ["--min-count", "1"], ["--min-count", "1", "--context", "sentence"]
LEMMAS = [*RARE, "--features", "tokens=lemmas,tags=xpos"]
TITLES = ["--features", "text=title+description"]
NEWS = "Business|Sci/Tech|Sports|World"
MEANINGS = "different_meaning|paraphrase"
INFERENCE = "contradiction|entailment|neutral"
UPOS = "ADJ|ADP|ADV|AUX|CCONJ|DET|INTJ|NOUN|NUM|PART|PRON|PROPN|PUNCT|SCONJ|SYM|VERB|X|_"
ENTITIES = "O|[BI]-(?:LOC|MISC|ORG|PER)"
# Task, data set, its options, and a pattern of its labels, where there are any.
KNOWN = [
    ("classify", "imdb_reviews", [], "neg|pos"),
    pytest.param("classify", "ag_news_subset", [], NEWS, marks=pytest.mark.slow),
    pytest.param("classify", "ag_news_subset", TITLES, NEWS, marks=pytest.mark.slow),
    pytest.param("classify", "glue/sst2", [], "negative|positive", marks=pytest.mark.slow),
    pytest.param("classify", "glue/mrpc", [], "not_equivalent|equivalent", marks=pytest.mark.slow),
    pytest.param("classify", "yelp_polarity_reviews", [], "1|2", marks=pytest.mark.slow),
    ("classify", "mnist", [], r"\d"),
    ("compare", "glue/mrpc", [], "not_equivalent|equivalent"),
    pytest.param("compare", "glue/qqp", [], "not_duplicate|duplicate", marks=pytest.mark.slow),
    pytest.param("compare", "glue/qnli", [], "entailment|not_entailment", marks=pytest.mark.slow),
    pytest.param("compare", "snli", [], INFERENCE, marks=pytest.mark.slow),
    pytest.param("compare", "paws_wiki", [], MEANINGS, marks=pytest.mark.slow),
    ("tag", "universal_dependencies/en_ewt", RARE, UPOS),
    pytest.param("tag", "universal_dependencies/en_ewt", LEMMAS, r"\S+", marks=pytest.mark.slow),
    pytest.param("tag", "conll2003", RARE, ENTITIES, marks=pytest.mark.slow),
    pytest.param("tag", "wikiann/en", RARE, ENTITIES, marks=pytest.mark.slow),
    pytest.param("translate", "ted_hrlr_translate/pt_to_en", [], None, marks=pytest.mark.slow),
    pytest.param("translate", "wmt14_translate/de-en", [], None, marks=pytest.mark.slow),
    pytest.param("translate", "opus", [], None, marks=pytest.mark.slow),
    pytest.param("translate", "para_crawl/ende", [], None, marks=pytest.mark.slow),
    pytest.param(
        *("translate", "schema_guided_dialogue", ["--turns", "1"], None), marks=pytest.mark.slow
    ),
    pytest.param("caption", "coco_captions", [], None, marks=pytest.mark.slow),
    pytest.param("language-model", "tiny_shakespeare", EACH, None, marks=pytest.mark.slow),
    pytest.param("language-model", "lm1b", EACH, None, marks=pytest.mark.slow),
    pytest.param("language-model", "wiki40b/en", EACH, None, marks=pytest.mark.slow),
    pytest.param("frames", "ucf101", [], "[A-Z][A-Za-z]+", marks=pytest.mark.slow),
]
VOCABULARY = r"Vocabulary of (?:tokens|target|second): (\d+) ids"


def sentences(builder, *_, **__):
    """Makes up sentences whose features have as many items each, which drawn ones have not."""
    kinds = {
        name: isinstance(feature.feature, tfds.features.ClassLabel)
        for name, feature in builder.info.features.items()
        if isinstance(feature, tfds.features.Sequence)
    }
    types = {name: tf.int64 if is_class else tf.string for name, is_class in kinds.items()}

    def examples():
        for i in range(EXAMPLES):
            ids, words = range(i % 3 + 2), [f"word{j}" for j in range(i % 3 + 2)]
            yield {name: ids if is_class else words for name, is_class in kinds.items()}

    signature = {name: tf.TensorSpec((None,), kind) for name, kind in types.items()}
    return tf.data.Dataset.from_generator(examples, output_signature=signature)


@pytest.mark.parametrize("task, data, options, labels", KNOWN)
def test_a_first_look(task, data, options, labels, tmp_path, monkeypatch, capsys, eager_training):
    """The features are those of the real builder; made-up examples stand for its splits."""
    try:
        tfds.builder(data, data_dir=tmp_path)
    except (ImportError, tfds.core.DatasetNotFoundError) as error:
        pytest.skip(f"not to be opened here: {error}")
    monkeypatch.setattr(dry_run, "TIMED", 1)
    monkeypatch.setattr(builders, "_prepare", lambda *_: None)
    splits = {split: split for split in ("train", "validation", "test")}
    monkeypatch.setattr(builders, "_splits", lambda *_: splits)
    run = tmp_path / "run"
    command = ["train", task, "--data", data, "--output", str(run), *SMALL, *options]
    made_up = {"as_dataset_fn": sentences} if task == "tag" else {"num_examples": EXAMPLES}
    with tfds.testing.mock_data(**made_up, data_dir=tmp_path):
        status = main(command)
    said = capsys.readouterr()
    assert status == 0, said.err
    assert not run.exists() and "Time of an epoch here" in said.out
    if labels is not None:
        number, names = re.search(r"^Labels: (\d+): (.*)$", said.out, re.M).groups()
        assert 1 < int(number) and re.fullmatch(rf"(?:{labels})(?:, (?:{labels}|…))*", names)
    if data not in ("mnist", "ucf101"):
        sizes = [int(size) for size in re.findall(VOCABULARY, said.out)]
        assert sizes and min(sizes) > len(RESERVED)
