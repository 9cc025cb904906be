"""Commands for language models of all kinds: estimate, score, generate."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Literal

from kerasrnn.checks import check_integer
from kerasrnn.cli.memory import keep_freed_memory
from kerasrnn.cli.model_options import (
    Paths,
    check_models,
    check_new_file,
    dynamic_models,
    mixture_weights,
    numbers,
    progress,
)
from kerasrnn.cli.quiet import quiet_stderr, say
from kerasrnn.files import check_file, check_run, json_text
from kerasrnn.options.ranges import Count, Natural, NonNegative, Order, Part, Seed, Several
from kerasrnn.options.words import Normalization

__all__ = ["generate", "ngram", "perplexity"]


def ngram(
    file: str,
    /,
    *,
    output: str,
    order: Order = 5,
    smoothing: Literal["modified-kneser-ney", "kneser-ney", "good-turing", "add-k"] = (
        "modified-kneser-ney"
    ),
    k: NonNegative = 1.0,
    min_counts: str = "1",
    level: Literal["character", "word", "whitespace"] = "whitespace",
    normalization: Normalization = "none",
    encoding: str = "utf-8",
) -> None:
    """Estimate an n-gram model of a text and write it as an ARPA file.

    Args:
        file: Text file with a sentence on each line, plain or gzipped.
        output: The ARPA file; gzipped if its name ends in .gz.
        order: Maximum number of tokens of an n-gram.
        smoothing: How n-grams unseen in the text get their probability.
        k: What add-k adds to each count; 0 is maximum likelihood.
        min_counts: Minimum count of the n-grams that are kept, for each order, such as 1,1,2.
        level: What a token is.
        normalization: nfc composes characters, nfc_width gives them their usual width too, for a
            mixture with runs that do so too; none leaves the text as it is.
        encoding: Encoding of the file, such as latin-1 or cp949.
    """
    least = [check_integer("min_counts", n) for n in numbers("--min-counts", min_counts, int)]
    check_new_file(output)
    check_file(file)
    say(f"Reading {file}")
    with quiet_stderr():
        from kerasrnn import language_modeling as lm
        from kerasrnn.tasks import read_tokens
        from kerasrnn.text import Tokenizer
        from kerasrnn.vocabulary import Vocabulary
    splitter = Tokenizer(Vocabulary([]), level, normalization=normalization)
    sentences = progress(read_tokens(file, splitter, encoding), "counting")
    begin = time.perf_counter()
    if smoothing == "add-k":
        model = lm.add_k(sentences, order, k=k)
    elif smoothing == "good-turing":
        model = lm.good_turing(sentences, order, min_counts=least)
    else:
        discounts = "modified" if smoothing == "modified-kneser-ney" else "single"
        model = lm.kneser_ney(sentences, order, discounts=discounts, min_counts=least)
    seconds = round(time.perf_counter() - begin, 2)
    lm.write_arpa(model, output)
    print(json_text({"output": output, "ngrams": list(model.sizes), "seconds": seconds}))


def perplexity(
    test: str,
    /,
    *,
    models: Paths,
    weights: str | None = None,
    tune_on: str | None = None,
    dynamic: NonNegative | None = None,
    cache: float | None = None,
    encoding: str = "utf-8",
) -> None:
    """Score a text with language models and their mixture; the last line is one JSON object.

    Args:
        test: Text file with a sentence on each line, plain or gzipped.
        models: Folders of runs of language models, and ARPA files.
        weights: Weight of each model in the linear mixture, such as 0.75,0.25; equal weights by
            default.
        tune_on: Held-out text file on which EM tunes the weights.
        dynamic: Dynamic evaluation: the learning rate with which neural models learn from each
            sentence after it is scored. The run folders stay as they are.
        cache: Weight of a cache of the previous words in the mixture; with --tune-on EM begins
            with it.
        encoding: Encoding of the texts, such as latin-1 or cp949.
    """
    start = mixture_weights(len(models), weights, tune_on, cache)
    check_models(models)
    for path in (test, tune_on):
        if path is not None:
            check_file(path)
    say(f"Reading {', '.join(models)}")
    keep_freed_memory()
    with quiet_stderr():
        from kerasrnn import language_modeling as lm
        from kerasrnn.tasks import read_next_token_models, read_tokens
        from kerasrnn.tasks.printing import print_wrapped
    statics, tokenizer = read_next_token_models(models)
    sentences = read_tokens(test, tokenizer, encoding)
    held_out = None if tune_on is None else read_tokens(tune_on, tokenizer, encoding)
    named = dict(zip(models, statics, strict=True))
    if dynamic is not None:
        named = dict(zip(models, dynamic_models(statics, dynamic), strict=True))
    if cache is not None:
        named["cache"] = lm.Cache(statics[0].vocabulary)
    if held_out is not None:
        tuning = [_stream(model, held_out, f"{name}, tuning") for name, model in named.items()]
        start, _ = lm.em_weights(tuning, start)
    streams = {name: _stream(model, sentences, name) for name, model in named.items()}
    reports = {name: _report(stream, sentences, statics[0]) for name, stream in streams.items()}
    if dynamic is not None:
        for name, static in zip(models, statics, strict=True):
            if named[name] is not static:
                stream = _stream(static, sentences, f"{name}, static")
                reports[f"{name}, static"] = _report(stream, sentences, static)
    mixed = lm.mix_streams(list(streams.values()), start)
    mixture = _report(mixed, sentences, statics[0])
    for name, report in reports.items():
        print(f"{name}: perplexity {report.perplexity:.3f}")
    print_wrapped(f"mixture: {mixture}")
    shares = dict(zip(named, [round(float(share), 6) for share in start], strict=True))
    each = {name: {"perplexity": report.perplexity} for name, report in reports.items()}
    said = dataclasses.asdict(mixture)
    print(json_text({"text": test, **said, "weights": shares, "models": each}))


def generate(
    run: str,
    /,
    *,
    prompt: str = "",
    number: Several = 1,
    max_length: Count | None = None,
    seed: Seed = 1,
    temperature: NonNegative = 1.0,
    top_k: Natural = 0,
    top_p: Part = 1.0,
) -> None:
    """Sample continuations of a text from a trained language model.

    Args:
        run: Folder of the run.
        prompt: Text to continue.
        number: Number of continuations.
        max_length: Maximum number of tokens; that of the run by default.
        seed: Random seed; each continuation has samples of its own.
        temperature: Softmax temperature; below 1, likely tokens become likelier.
        top_k: Sample from this many of the most likely tokens; 0 for all tokens.
        top_p: Sample from the most likely tokens that together have this probability.
    """
    check_run(run, "language-model")
    say(f"Loading {run}")
    with quiet_stderr():
        from kerasrnn.tasks import load
    task: Any = load(run)
    texts = task.generate(
        [prompt] * number,
        max_length=max_length,
        seed=seed,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
    )
    for text in texts:
        print(prompt + text)


def _stream(model, sentences: list[Any], name: str):
    from kerasrnn.language_modeling import token_stream

    return token_stream(model, progress(sentences, name))


def _report(stream, sentences: list[Any], model):
    from kerasrnn.language_modeling import stream_report

    return stream_report(stream, sentences, model.vocabulary)
