"""Pieces of an evaluation add up: the same figures in whatever shards, to the last bit."""

import itertools
import json
import math
from fractions import Fraction

import numpy as np
import pytest
import sacrebleu

from kerasrnn import (
    Captioner,
    Classifier,
    Forecaster,
    FrameLabeler,
    ImageClassifier,
    LanguageModel,
    MultiLabelClassifier,
    PairClassifier,
    Regressor,
    SeriesForecaster,
    Tagger,
    Tokenizer,
    Translator,
    VectorClassifier,
    VectorLabeler,
    VectorRegressor,
    Vocabulary,
    encoder_decoder,
    language_model,
    many_to_many,
    many_to_one,
    one_to_many,
    siamese,
)
from kerasrnn.datasets import (
    Panel,
    PanelPart,
    Series,
    TimeSeries,
    VectorScale,
    WindowScale,
    fit_panel_scale,
    naive_errors,
    value_deviations,
)
from kerasrnn.files import Shard, json_text
from kerasrnn.metrics import TargetScale
from kerasrnn.models import direct_forecaster
from kerasrnn.tasks.forecast.layout import Layout
from kerasrnn.tasks.tallies.sums import error_tally, exact, exact_sum, mean_errors

LABELS = ["no", "so-so", "yes"]
NUMBER, PIECE = 23, 3


def texts_of(rng):
    return ["".join(rng.choice([*"abdfgilmo "], n)) for n in rng.integers(1, 12, NUMBER)]


def classify(rng):
    tokenizer = Tokenizer(Vocabulary([*"abdfgilmo "]))
    task = Classifier(many_to_one(len(tokenizer.vocabulary), 3, units=5), tokenizer, LABELS)
    return task, [*zip(texts_of(rng), rng.choice([*LABELS, "new"], NUMBER).tolist(), strict=True)]


def compare(rng):
    tokenizer = Tokenizer(Vocabulary([*"abdfgilmo "]))
    task = PairClassifier(siamese(len(tokenizer.vocabulary), 3, units=5), tokenizer, LABELS)
    labels = rng.choice([*LABELS, "new"], NUMBER).tolist()
    return task, [*zip(texts_of(rng), texts_of(rng), labels, strict=True)]


def images(rng):
    task = ImageClassifier(many_to_one((3,), 2, units=5), ["dark", "light"], (5, 3, 1))
    pictures = rng.integers(0, 256, (NUMBER, 5, 3, 1), "uint8")
    return task, [*zip(pictures, rng.choice(["dark", "light"], NUMBER).tolist(), strict=True)]


def vectors(rng):
    scale = VectorScale((0.0, 1.0, 2.0), (1.0, 2.0, 3.0))
    task = VectorClassifier(many_to_one((3,), 2, units=5), ["dark", "light"], scale)
    steps = [rng.normal(size=(n, 3)) for n in rng.integers(1, 6, NUMBER)]
    return task, [*zip(steps, rng.choice(["dark", "light"], NUMBER).tolist(), strict=True)]


def frames(rng):
    model = many_to_many((5, 3, 1), 2, units=5, encoder="convolutional")
    films = [rng.integers(0, 256, (n, 5, 3, 1), "uint8") for n in rng.integers(1, 5, NUMBER)]
    labels = [rng.choice(["off", "on"], len(film)).tolist() for film in films]
    return FrameLabeler(model, ["off", "on"]), [*zip(films, labels, strict=True)]


def vector_frames(rng):
    scale = VectorScale((0.0, 1.0, 2.0), (1.0, 2.0, 3.0))
    task = VectorLabeler(many_to_many((3,), 2, units=5), ["off", "on"], scale)
    steps = [rng.normal(size=(n, 3)) for n in rng.integers(1, 6, NUMBER)]
    labels = [rng.choice(["off", "on"], len(each)).tolist() for each in steps]
    return task, [*zip(steps, labels, strict=True)]


def tag(rng, labels=("O", "B-X", "I-X", "B-Y", "I-Y")):
    words = Tokenizer(Vocabulary(["a", "good", "bad", "film"]), "whitespace")
    task = Tagger(many_to_many(8, len(labels), units=5), words, labels)
    sizes = rng.integers(1, 7, NUMBER)
    return task, [
        (rng.choice(["a", "good", "film", "new"], n).tolist(), rng.choice(labels, n).tolist())
        for n in sizes
    ]


def classes(rng):
    return tag(rng, ("DET", "NOUN", "ADJ"))


def translate(rng):
    tokenizer = Tokenizer(Vocabulary([*"abdfgilmo "]))
    size = len(tokenizer.vocabulary)
    model = encoder_decoder(size, size, units=5)
    task = Translator(model, tokenizer, tokenizer, max_length=7)
    return task, [*zip(texts_of(rng), texts_of(rng), strict=True)]


def caption(rng):
    tokenizer = Tokenizer(Vocabulary([*"abdfgilmo "]))
    model = one_to_many((8, 8, 1), len(tokenizer.vocabulary), units=5, encoder="convolutional")
    pictures = rng.integers(0, 256, (NUMBER, 8, 8, 1), "uint8")
    task = Captioner(model, tokenizer, max_length=7)
    return task, [*zip(pictures, [""] * NUMBER, texts_of(rng), strict=True)]


def texts(rng):
    tokenizer = Tokenizer(Vocabulary([*"abdfgilm "]))
    return LanguageModel(language_model(len(tokenizer.vocabulary), units=5), tokenizer), texts_of(
        rng
    )


def forecast(rng):
    series = Series(("x", "z"), rng.normal(size=(NUMBER + 8, 2)).cumsum(0))
    model, scale = many_to_one((2,), 3, units=5), WindowScale.fit(series, window=7)
    return Forecaster(model, ["x", "z"], ["z"], window=7, horizon=3, scale=scale), series


def several_series(rng):
    series = tuple(
        TimeSeries(name, rng.normal(size=(NUMBER + 8, 2)).cumsum(0), NUMBER + 8) for name in "ab"
    )
    panel, levels = Panel(series, ("x", "z")), [0.1, 0.5, 0.8]
    layout = Layout.of(panel, ("z",), panel.names)
    part = PanelPart.whole(panel)
    training = {
        "naive_errors": naive_errors(part, ["z"]),
        "deviations": value_deviations(part, ["z"]),
    }
    model = direct_forecaster(2, 1, horizon=3, quantiles=levels, units=5)
    scale = fit_panel_scale(part, ["x", "z"], 7, "changes", 2)
    task = SeriesForecaster(model, layout, 7, 3, scale, levels=levels, season=4, training=training)
    return task, panel


def regress(rng):
    tokenizer = Tokenizer(Vocabulary([*"abdfgilmo "]))
    scale = TargetScale.fit(rng.normal(size=(NUMBER, 2)), ["x", "z"])
    task = Regressor(many_to_one(len(tokenizer.vocabulary), 2, units=5), tokenizer, scale)
    return task, [*zip(texts_of(rng), rng.normal(size=(NUMBER, 2)).tolist(), strict=True)]


def regress_vectors(rng):
    scale = VectorScale((0.0, 1.0, 2.0), (1.0, 2.0, 3.0))
    targets = TargetScale.fit(rng.normal(size=(NUMBER, 2)), ["x", "z"])
    task = VectorRegressor(many_to_one((3,), 2, units=5), scale, targets)
    steps = [rng.normal(size=(n, 3)) for n in rng.integers(1, 6, NUMBER)]
    return task, [*zip(steps, rng.normal(size=(NUMBER, 2)).tolist(), strict=True)]


def several_labels(rng):
    tokenizer = Tokenizer(Vocabulary([*"abdfgilmo "]))
    task = MultiLabelClassifier(
        many_to_one(len(tokenizer.vocabulary), 3, units=5), tokenizer, LABELS
    )
    labels = [rng.choice([*LABELS, "new"], n, replace=False) for n in rng.integers(0, 4, NUMBER)]
    return task, [*zip(texts_of(rng), [each.tolist() for each in labels], strict=True)]


TASKS = (
    classify,
    compare,
    images,
    vectors,
    frames,
    vector_frames,
    tag,
    classes,
    translate,
    caption,
    texts,
    forecast,
)
TASKS += regress, regress_vectors, several_labels, several_series


# Decoding takes long.
SHARDS = [
    pytest.param(make, of, marks=[pytest.mark.slow] * (make in (translate, caption) and of != 3))
    for make, of in itertools.product(TASKS, [1, 3, 11])
]


@pytest.mark.parametrize("make, of", SHARDS)
def test_figures_of_shards_are_those_of_one_process(make, of, rng, monkeypatch):
    task, examples = make(rng)
    monkeypatch.setattr(task, "evaluated_at_once", PIECE)
    whole = task.evaluate(examples)
    lines = []
    for i in range(of):
        rows = Shard(i + 1, of).rows(task.number_of(examples), PIECE)
        lines += map(json_text, task.tallies(examples, rows=rows))
    tallies = [json.loads(line) for line in lines]
    assert json_text(task.figures_of(tallies)) == json_text(whole)
    assert len(tallies) == -(-whole["examples"] // PIECE)
    if hasattr(task, "report"):
        assert task.report_of(tallies) == task.report(examples)


@pytest.mark.parametrize("make", TASKS)
def test_the_size_of_the_pieces_changes_the_last_digits_alone(make, rng, monkeypatch):
    task, examples = make(rng)
    whole = task.evaluate(examples)
    monkeypatch.setattr(task, "evaluated_at_once", PIECE)
    small = task.evaluate(examples)
    assert small.keys() == whole.keys()
    for name, value in whole.items():
        same = pytest.approx(value, rel=1e-5) if isinstance(value, float) else value
        assert small[name] == same, name


def test_figures_of_texts_against_those_of_the_texts(rng):
    """BLEU by sacreBLEU over all texts at once, perplexity from the scores of each pair."""
    task, pairs = translate(rng)
    figures = task.evaluate(pairs)
    sources, targets = zip(*pairs, strict=True)
    answers = task.predict(sources)
    bleu = sacrebleu.corpus_bleu(answers, [list(targets)]).score
    assert figures["bleu"] == pytest.approx(bleu)
    tokens = sum(len(target) + 1 for target in targets)
    log_prob = sum(task.score(sources, targets))
    assert figures["perplexity"] == pytest.approx(math.exp(-log_prob / tokens), rel=1e-4)


def test_entities_of_pieces_by_seqeval(rng, monkeypatch):
    import seqeval.metrics

    task, sentences = tag(rng)
    monkeypatch.setattr(task, "evaluated_at_once", PIECE)
    figures = task.evaluate(sentences)
    right, answers = [labels for _, labels in sentences], task.predict([s for s, _ in sentences])
    assert figures["f1"] == pytest.approx(seqeval.metrics.f1_score(right, answers))
    assert figures["recall"] == pytest.approx(seqeval.metrics.recall_score(right, answers))


def test_a_stream_is_no_sum_of_pieces(rng):
    tokenizer = Tokenizer(Vocabulary("ab"))
    task = LanguageModel(language_model(6, units=5), tokenizer, context="stream")
    with pytest.raises(ValueError, match="Expected the context 'sentence' for shards"):
        list(task.tallies(["ab", "b"], rows=range(1)))
    assert task.evaluate(["ab", "b"])["examples"] == 2


def test_sums_are_exact_in_every_order(rng):
    numbers = (rng.normal(size=101) * 10.0 ** rng.integers(-20, 20, 101)).tolist()
    expected = float(sum(map(Fraction, numbers)))
    for _ in range(5):
        assert exact_sum(map(exact, numbers)) == expected
        rng.shuffle(numbers)
    assert exact_sum([exact(-math.inf), exact(1.0)]) == -math.inf
    assert math.isnan(exact_sum([exact(math.nan), exact(1.0)]))
    assert exact_sum([exact(1.7e308)] * 2) == math.inf


@pytest.mark.parametrize("size", [1.0, 1e200, 1e-200, 0.0])
def test_means_of_errors_of_any_size(rng, size):
    errors = rng.normal(size=31)
    found = mean_errors([error_tally(errors[i : i + 7] * size) for i in range(0, 31, 7)], 31)
    expected = np.abs(errors).mean() * size, np.sqrt(np.square(errors).mean()) * size
    assert found == pytest.approx(expected, rel=1e-12)
