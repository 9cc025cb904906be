"""How answers are searched for, drawn and scored, and what several models say together."""

import json

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import Tokenizer, Translator, Vocabulary, encoder_decoder, models
from kerasrnn.cli.main import main
from kerasrnn.vocabulary import UNKNOWN

TEXTS = ["cab", "", "b" * 13, "a?c", "zb"]


def translator(seed=1, **options):
    source, target = Tokenizer(Vocabulary("abc")), Tokenizer(Vocabulary("0123456"))
    model = encoder_decoder(7, 11, cell="gru", units=3, attention="dot", embedding=5, **options)
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 2, size=weight.shape) for weight in model.get_weights()])
    return Translator(model, source, target, max_length=7)


@pytest.fixture(scope="module")
def task():
    return translator()


def test_the_best_answers_come_first_and_have_their_scores(task):
    penalty = task.search.length_penalty
    for text, answers in zip(TEXTS, task.nbest(TEXTS), strict=True):
        assert 1 <= len(answers) <= 5 and len({each.text for each in answers}) == len(answers)
        scores = [each.score for each in answers]
        assert scores == sorted(scores, reverse=True)
        ended = [each for each in answers if len(each.text) < task.max_length]
        for each in ended:
            length = len(each.text) + 1
            np.testing.assert_allclose(
                each.score, each.log_prob / ((5 + length) / 6) ** penalty, rtol=1e-5
            )
        log_probs = task.score([text] * len(ended), [each.text for each in ended])
        np.testing.assert_allclose(log_probs, [each.log_prob for each in ended], rtol=1e-4)


def test_a_beam_finds_no_worse_answers_than_greedy_search(task):
    texts = ["".join(np.random.default_rng(i).choice(list("abc"), i % 7 + 1)) for i in range(41)]
    greedy = np.array([each.score for each in task.translate(texts)])
    found = task.with_search(beam_width=5).translate(texts)
    beam = np.array([each.score for each in found])
    assert beam.sum() > greedy.sum() and (beam > greedy + 1e-3).any()
    first = [answers[0].text for answers in task.nbest(texts)]
    assert [each.text for each in found] == first
    assert task.search.beam_width == 1  # it is another task that searches


def test_samples_depend_on_their_seed_alone(task):
    together = task.sample(TEXTS, seed=11, temperature=1.5)
    alone = [task.sample([text], seed=11 + i, temperature=1.5)[0] for i, text in enumerate(TEXTS)]
    assert together == alone == task.sample(TEXTS, seed=11, temperature=1.5, batch_size=2)
    assert together != task.sample(TEXTS, seed=12, temperature=1.5)
    assert task.sample(TEXTS, temperature=0) == task.sample(TEXTS, top_k=1) == task.predict(TEXTS)
    assert task.sample([]) == []


def test_an_answer_can_be_given_its_beginning(task):
    prefixes = ["3", "", "66", "?", "012345601"]
    answers = task.complete(TEXTS, prefixes)
    assert answers[0].startswith("3") and answers[2].startswith("66")
    assert answers[1] == task.predict(TEXTS)[1]
    assert answers[3].startswith("<unknown>")  # what the vocabulary lacks, because it was asked for
    assert answers[4] == "0123456"  # cut at the greatest length


def test_unknown_tokens_become_the_source_token_with_most_attention():
    task = translator(seed=5)
    weights = task.model.get_layer("output").get_weights()
    weights[1][UNKNOWN] += 9  # it likes the unknown token
    task.model.get_layer("output").set_weights(weights)
    assert not any("<unknown>" in text for text in task.predict(TEXTS))
    copying = task.with_search(replace_unknown=True)
    known, copied = set("0123456"), 0
    for text, answer in zip(TEXTS, copying.translate(TEXTS), strict=True):
        tokens = [token for token in answer.target_tokens if token != "<end>"]
        assert answer.text == "".join(tokens)
        for token, row in zip(tokens, answer.attention, strict=False):
            if token not in known:
                assert token == (text[row.argmax()] if text else "")
                copied += 1
    assert copied > 3
    for answers in copying.nbest(TEXTS):
        assert not any("<unknown>" in each.text for each in answers)


def test_no_ngram_and_no_early_end(task):
    longer = task.with_search(beam_width=3, min_length=4, no_repeat_ngram=2)
    for answer in longer.translate(TEXTS):
        tokens = answer.target_tokens
        assert "<end>" not in tokens[:4]
        pairs = list(zip(tokens, tokens[1:], strict=False))
        assert len(set(pairs)) == len(pairs)


@pytest.mark.slow
def test_an_ensemble_averages_probabilities(task, tmp_path):
    other = translator(seed=2, num_layers=2)
    both = task.ensemble_with(other)
    targets = ["12", "3", "", "04", "666"]
    parts = np.array([task.score(TEXTS, targets), other.score(TEXTS, targets)])
    # One step: the mean; a whole answer lies between the members' at each step.
    ends = np.array([each.score(TEXTS, [""] * 5) for each in (task, other, both)])
    np.testing.assert_allclose(np.exp(ends[2]), np.exp(ends[:2]).mean(0), rtol=1e-4)
    assert (np.array(both.score(TEXTS, targets)) <= 1e-6).all() and parts.shape == (2, 5)
    same = task.ensemble_with(task)
    assert same.predict(TEXTS) == task.predict(TEXTS)
    np.testing.assert_allclose(same.score(TEXTS, targets), parts[0], rtol=1e-4)
    pairs = tf.data.Dataset.from_tensor_slices((TEXTS, targets))
    one, two, joint = (each.evaluate(pairs)["perplexity"] for each in (task, other, both))
    assert joint < max(one, two)
    folder = both.export(tmp_path / "model", TEXTS, signatures=())
    assert kerasrnn.export.run_elsewhere(folder, {"text": TEXTS}) == both.predict(TEXTS)
    with pytest.raises(ValueError, match="saved one by one"):
        both.save(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_members_of_an_ensemble_have_the_same_vocabularies(task):
    source, target = Tokenizer(Vocabulary("cba")), Tokenizer(Vocabulary("0123456"))
    other = Translator(task.model, source, target)
    for wrong in ([other], ["nothing"]):
        with pytest.raises(ValueError, match="another Translator with the same vocabularies"):
            task.ensemble_with(*wrong)
    with pytest.raises(ValueError, match="at least one other task"):
        task.ensemble_with()
    with pytest.raises(ValueError, match="Expected one model for `coverage_penalty`"):
        task.ensemble_with(task).with_search(coverage_penalty=0.1)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"beam_width": 0}, "`beam_width` to be an integer from 1 to 10,000"),
        ({"length_penalty": -1}, "`length_penalty` to be a finite number of at least 0"),
        ({"no_repeat_ngram": -1}, "`no_repeat_ngram` to be an integer of at least 0"),
        (
            {"coverage_penalty": float("nan")},
            "`coverage_penalty` to be a finite number",
        ),
    ],
)
def test_options_out_of_range(task, options, message):
    with pytest.raises(ValueError, match=message):
        task.with_search(**options)


def test_options_that_need_attention():
    source, target = Tokenizer(Vocabulary("abc")), Tokenizer(Vocabulary("01"))
    task = Translator(encoder_decoder(7, 6, units=3), source, target)
    for options in ({"coverage_penalty": 0.1}, {"replace_unknown": True}):
        with pytest.raises(ValueError, match="Expected a model with attention"):
            task.with_search(**options)
    words = Tokenizer(Vocabulary("ab"))
    model = kerasrnn.LanguageModel(models.language_model(6, units=3), words)
    with pytest.raises(ValueError, match="has no source"):
        model.with_search(replace_unknown=True)
    with pytest.raises(ValueError, match="language models are mixed"):
        model.ensemble_with(model)


def test_the_way_to_search_is_saved_with_the_run(task, tmp_path):
    searching = task.with_search(beam_width=3, length_penalty=1.0)
    searching.save(tmp_path / "run")
    assert kerasrnn.load(tmp_path / "run").search == searching.search


def test_the_command_line_searches_as_it_is_told(task, tmp_path, capsys):
    task.save(tmp_path / "run")
    (tmp_path / "lines.txt").write_text("cab\nzb\n", encoding="utf-8")
    words = ["predict", str(tmp_path / "run"), str(tmp_path / "lines.txt")]
    assert main([*words, "--beam-width", "4", "--length-penalty", "1"]) == 0
    wanted = task.with_search(beam_width=4, length_penalty=1.0).predict(["cab", "zb"])
    assert capsys.readouterr().out.splitlines() == wanted
    assert main([*words, "--nbest"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    expected = task.nbest(["cab", "zb"])
    assert [[each["text"] for each in row] for row in rows] == [
        [each.text for each in row] for row in expected
    ]
    assert rows[0][0].keys() == {"text", "log_prob", "score"}
    assert main([*words, "--beam-width", "0"]) == 2
    assert "`beam_width` to be an integer from 1 to 10,000" in capsys.readouterr().err


def test_a_classifier_searches_for_nothing(tmp_path, capsys):
    tokenizer = Tokenizer(Vocabulary("abc"))
    model = models.many_to_one(len(tokenizer.vocabulary), 2, units=3)
    kerasrnn.Classifier(model, tokenizer, ["no", "yes"]).save(tmp_path / "run")
    for option in ("--nbest", "--replace-unknown"):
        assert main(["predict", str(tmp_path / "run"), option]) == 2
        assert f"Expected a run that writes texts for {option}" in capsys.readouterr().err
