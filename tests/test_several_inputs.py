"""One text is not a list of its characters: every function that takes several says so."""

import importlib
import inspect
import warnings

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import language_modeling as lm
from kerasrnn import metrics
from kerasrnn.checks import UserError, check_list, check_sentences, check_texts

VOCABULARY = kerasrnn.Vocabulary(list("abcdefg "))
SIZE = len(VOCABULARY)
WORDS = kerasrnn.Vocabulary(["the", "cat", "sat"])
TEXT = "the cat sat"


def tasks():
    letters, words = kerasrnn.Tokenizer(VOCABULARY), kerasrnn.Tokenizer(WORDS, "whitespace")
    options = {"units": 3, "embedding": 2, "cell": "gru"}
    classifier = kerasrnn.Classifier(
        kerasrnn.many_to_one(SIZE, 2, **options), letters, ["no", "yes"]
    )
    tagger = kerasrnn.Tagger(
        kerasrnn.many_to_many(len(WORDS), 2, **options), words, ["DET", "NOUN"]
    )
    translator = kerasrnn.Translator(
        kerasrnn.encoder_decoder(SIZE, SIZE, **options), letters, letters, max_length=3
    )
    model = kerasrnn.LanguageModel(kerasrnn.language_model(SIZE, **options), letters, max_length=3)
    return {
        "classify": classifier,
        "tag": tagger,
        "translate": translator,
        "language-model": model,
    }


@pytest.fixture(scope="module")
def made():
    return tasks()


# By task the methods that take several inputs.
METHODS = {
    "classify": ("predict", "classify", "encode", "records"),
    "tag": ("predict", "tag", "encode", "records"),
    "translate": ("predict", "translate", "nbest", "sample", "encode", "records"),
    "language-model": (
        *("predict", "nbest", "sample", "generate", "token_log_probs", "encode"),
        *("served_perplexities", "records"),
    ),
}
CALLS = [(task, method) for task, methods in METHODS.items() for method in methods]
SEVERAL = ["the cat", None, "sat"], ["the cat", float("nan")], ["a", 3]


@pytest.mark.parametrize(("task", "method"), CALLS)
def test_methods_of_tasks(task, method, made):
    function = getattr(made[task], method)
    with pytest.raises(UserError, match="`inputs` to be a list of .*only one, 'the cat sat'"):
        function(TEXT)
    for inputs in SEVERAL:
        with pytest.raises(UserError, match=r"`inputs` to be .* Received: \S+ at place 1, from 0"):
            function(inputs)
    with pytest.raises(UserError, match="table with the columns text, label"):
        function({"text": ["a"], "label": ["b"]})


@pytest.mark.parametrize("size", [0, -1, 2.5])
def test_batches_have_a_size(size, made):
    message = f"`batch_size` to be an integer of at least 1. Received: {size}"
    for task in made.values():
        with pytest.raises(UserError, match=message):
            task.predict(["a", "b"], size)
    with pytest.raises(UserError, match=message):
        made["language-model"].token_log_probs(["a", "b"], size)


@pytest.mark.parametrize("task", METHODS)
def test_signatures_of_tasks(task, made):
    with pytest.raises(UserError, match="`inputs` to be a list"):
        made[task].call("serving_default", TEXT)


def test_answers_are_several_too(made):
    for name in ("translate", "language-model"):
        with pytest.raises(UserError, match="`answers` to be a list of texts"):
            made[name].score(["a", "b"], "ab")
        with pytest.raises(UserError, match="`answers` to be texts. Received: None at place 1"):
            made[name].score(["a", "b"], ["a", None])
        with pytest.raises(UserError, match="`inputs` to be a list"):
            made[name].score("ab", ["a", "b"])
    with pytest.raises(UserError, match="`prefixes` to be a list of texts"):
        made["translate"].complete(["a", "b"], "ab")
    with pytest.raises(UserError, match="`answer` to have a value for each of 2 inputs"):
        made["translate"].call("score", ["a", "b"], answer=["a"])


def test_a_sentence_of_a_tagger_may_be_tokens(made):
    tagger = made["tag"]
    assert list(map(len, tagger.predict(["the cat", ["the", "cat", "sat"], (), ""]))) == [
        2,
        3,
        0,
        0,
    ]
    with pytest.raises(UserError, match="sentences of tokens. Received: None at place 1"):
        tagger.predict(["the", ["cat", None]])


@pytest.mark.parametrize("inputs", [np.array(["a", "bc"]), tf.constant(["a", "bc"]), ("a", "bc")])
def test_arrays_tensors_and_generators_are_lists(inputs, made):
    expected = made["classify"].predict(["a", "bc"])
    assert made["classify"].predict(inputs) == expected
    assert made["classify"].predict(each for each in inputs) == expected
    assert made["classify"].predict(tf.data.Dataset.from_tensor_slices(list(inputs))) == expected


COUNTED = lm.add_k(["the cat", "cat sat"], 2, vocabulary=WORDS)
UNIFORM = lm.UniformModel(WORDS)
CACHE = lm.Cache(WORDS)
LISTS, SAID = lm.simulate_nbest(
    ["the cat sat"], lm.SpellingConfusions(["the", "cat", "sat"]), size=3
)


def class_model():
    with warnings.catch_warnings(action="ignore"):  # so short a text says little
        return lm.class_ngram(["the cat", "cat sat"], 2, num_classes=2)


def neural():
    model = kerasrnn.language_model(len(WORDS), cell="elman", units=3)
    return lm.NeuralModel(model, WORDS)


# By name of what is public a call with one sentence for several.
ESTIMATORS = {
    "add_k": lambda text: lm.add_k(text, 2),
    "class_ngram": lambda text: lm.class_ngram(text, 2, num_classes=2),
    "count_ngrams": lambda text: lm.count_ngrams(text, 2),
    "good_turing": lambda text: lm.good_turing(text, 2),
    "kneser_ney": lambda text: lm.kneser_ney(text, 2),
    "impossible_sentences": lambda text: lm.impossible_sentences(COUNTED, text),
    "log_linear_weights": lambda text: lm.log_linear_weights([COUNTED, UNIFORM], text),
    "rank": lambda text: lm.rank(COUNTED, text),
    "rank before": lambda text: lm.rank(COUNTED, ["cat"], text),
    "sentence_log_probs": lambda text: lm.sentence_log_probs(COUNTED, text),
    "simulate_nbest": lambda text: lm.simulate_nbest(text, lm.SpellingConfusions(["cat"])),
    "stream_report": lambda text: lm.stream_report(np.zeros(4), text, WORDS),
    "text_report": lambda text: lm.text_report(COUNTED, text),
    "tune_weights": lambda text: lm.tune_weights([COUNTED, UNIFORM], text),
    "token_stream": lambda text: lm.token_stream(COUNTED, text),
    "word_errors": lambda text: lm.word_errors(text, ["a"]),
    "word_errors answers": lambda text: lm.word_errors(["a"], text),
}
MODELS = {
    "backoff": lambda: COUNTED,
    "cache": lambda: CACHE,
    "class": class_model,
    "uniform": lambda: UNIFORM,
    "mixture": lambda: lm.Mixture([COUNTED, CACHE], [0.5, 0.5]),
    "log_linear": lambda: lm.LogLinearMixture([COUNTED, UNIFORM], [0.5, 0.5]),
    "expanded": lambda: lm.Expanded(COUNTED, kerasrnn.Vocabulary(["the", "cat", "sat", "dog"])),
    "neural": neural,
    "dynamic": lambda: lm.DynamicModel(neural(), 0.1),
    "continuous_cache": lambda: lm.ContinuousCacheModel(neural(), 0.1),
}
SENTENCES = [TEXT, ["the", None], ["the", float("nan")], ["the", 3], [["the", None]]]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_language_models_are_estimated_from_sentences(name):
    for sentences in [*SENTENCES, {"text": ["the"]}]:
        with pytest.raises(UserError, match="Expected `[a-z]+` to be .*Received: "):
            ESTIMATORS[name](sentences)


@pytest.mark.parametrize("name", MODELS)
def test_language_models_score_sentences(name):
    model = MODELS[name]()
    for sentences in SENTENCES:
        with pytest.raises(UserError, match="Expected `[a-z]+` to be .*Received: "):
            model.token_log_probs(sentences)
        with pytest.raises(UserError, match="Expected `[a-z]+` to be .*Received: "):
            list(model.distributions(sentences))
    with model.session() as session, pytest.raises(UserError, match="to be a list of sentences"):
        session.score(TEXT)


LABELS = {
    "entities": lambda one: metrics.entities(one),
    "entity_scores": lambda one: metrics.entity_scores([["O"]], one),
    "entity_report": lambda one: metrics.entity_report([["O"]], one),
    "EntityF1": lambda one: metrics.EntityF1(one),
    "confusion_counts": lambda one: metrics.confusion_counts(one, ["O"], ["O"]),
    "confusion_counts answers": lambda one: metrics.confusion_counts(["O"], one, ["O"]),
    "confusion_counts labels": lambda one: metrics.confusion_counts(["O"], ["O"], one),
    "text_overlap": lambda one: metrics.text_overlap(one, ["a"]),
    "text_overlap answers": lambda one: metrics.text_overlap(["a"], one),
    "bio_constraints": lambda one: kerasrnn.layers.bio_constraints(one),
    "confusion_matrix": lambda one: kerasrnn.plotting.confusion_matrix(np.eye(1), one),
    "word_vectors": lambda one: kerasrnn.plotting.word_vectors(one, np.eye(2)),
    "attention_over_image": lambda one: kerasrnn.plotting.attention_over_image(
        np.eye(2), one, np.ones((2, 1))
    ),
    "ngram_orders": lambda one: kerasrnn.plotting.ngram_orders(one, [[1], [1]]),
    "of_many_scripts": lambda one: kerasrnn.text.of_many_scripts(one, 1),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_and_texts(name):
    for several in ("O", ["O", None], ["O", float("nan")]):
        with pytest.raises(UserError, match="Expected `[a-z_]+` to be .*Received: "):
            LABELS[name](several)


# Parameters that stand for several texts, sentences or labels.
NAMES = {"sentences", "candidates", "references", "answers", "texts", "gold", "predicted"}
# What takes one `Dataset` of a known form, mappings, or what others returned.
ELSEWHERE = {
    # Held by the tests of the tasks that they are of.
    *("predicted_scatter", "figures_by_horizon", "running_words"),
    *("multi_label_examples", "regression_examples", "labelled_pair_examples"),
    *("hypothesis_errors", "oracle", "tune_rescoring", "write_texts"),
    *(
        "lower",
        "normalize",
        "prepare",
        "split",
        "next_tokens",
        "em_weights",
        "mix_streams",
        "stream_batches",
        "text_examples",
        "cbow_examples",
        "labelled_text_examples",
        "tagged_examples",
        "count_tagged",
        "film_strip",
    ),
}


@pytest.mark.parametrize("room", ["language_modeling", "metrics", "plotting", "text", "datasets"])
def test_the_table_has_all_public_functions(room):
    module = importlib.import_module(f"kerasrnn.{room}")
    tested = {name.split()[0] for name in {**ESTIMATORS, **LABELS}} | ELSEWHERE
    for name in module.__all__:
        function = getattr(module, name)
        if inspect.isfunction(function) and NAMES & set(inspect.signature(function).parameters):
            assert name in tested, name


def test_what_is_said_of_what_is_no_list():
    with pytest.raises(UserError, match=r"list of texts. Received: 3$"):
        check_texts("inputs", 3)
    with pytest.raises(UserError, match="Received: None"):
        check_list("inputs", None)
    with pytest.raises(UserError, match="only one, b'a'"):
        check_list("inputs", b"a")
    with pytest.raises(UserError, match="Received: None at place 2"):
        check_list("inputs", [1, 2, None], "images")
    assert list(check_sentences("inputs", iter(["a b", ["a", "b"]]))) == ["a b", ["a", "b"]]
    assert check_texts("inputs", np.array("a b".split(), object)) == ["a", "b"]
