"""Entities of WikiANN (English) with a conditional random field and with a softmax.

Both have the same encoder, the same batches and the same number of steps; only what stands above
the encoder differs. Run `python benchmarks/wikiann_crf.py`, with `--data-dir` where the prepared
`wikiann/en` of tensorflow-datasets is not in its usual folder. It prints a Markdown table and
writes it beside itself.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from kerasrnn.options import Tag
from kerasrnn.tasks.tag.job import TaggingJob

OUTPUT_LAYERS = ("softmax", "crf")
SETTINGS = {
    "data": "wikiann/en",
    "scheme": "none",
    "normalization": "none",
    "min_count": 2,
    "max_vocabulary_size": None,
    "max_length": 64,  # leaves out 1 sentence in 1,000
    "characters": True,
    "cell": "lstm",
    "units": 100,
    "num_layers": 1,
    "bidirectional": True,
    "dropout": 0.5,
    "embedding": 100,
    "vectors": None,
    "batch_size": 64,
    "learning_rate": 0.003,
    "clipnorm": 1.0,
}


def train(output_layer: str, seed: int, epochs: int, data_dir: str | None) -> dict[str, float]:
    """Trains for a fixed number of steps and returns the test figures and the seconds."""
    keras.utils.set_random_seed(seed)
    options = Tag(**SETTINGS, output_layer=output_layer, data_dir=data_dir, seed=seed)
    job = TaggingJob(options)
    sentences = job.read("train")
    task = job.new_task(sentences)
    model = job.fitted_model(task)
    batches, steps = job.examples(task, sentences).epochs(options.batch_size, seed=seed)
    # The rate falls to 0, so that no epoch has to be chosen by its validation.
    rate = keras.optimizers.schedules.CosineDecay(options.learning_rate, steps * epochs)
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=options.clipnorm), job.loss())
    start = time.perf_counter()
    model.fit(batches, steps_per_epoch=steps, epochs=epochs, shuffle=False, verbose=2)
    seconds = time.perf_counter() - start
    figures = task.evaluate(job.read("test"))
    print(f"{output_layer}, seed {seed}: {figures}, {seconds:.0f} s", flush=True)
    return {**figures, "seconds": seconds, "steps": steps * epochs}


def table(results: dict[str, list[dict]], epochs: int) -> str:
    names = ("f1", "precision", "recall", "accuracy")
    steps = results["crf"][0]["steps"]
    described = ", ".join(f"{name} {value}" for name, value in SETTINGS.items() if value)
    lines = [
        f"Test split of WikiANN (English), mean of {len(results['crf'])} seeds and, in brackets, "
        f"the least and the greatest. {epochs} epochs, {steps:,} steps. {described}. "
        f"{os.cpu_count()} CPU cores; Keras {keras.__version__} on {keras.backend.backend()}.",
        "",
        "| output | entity F1 | precision | recall | token accuracy | seconds of training |",
        "|---|---|---|---|---|---|",
    ]
    for output_layer, rows in results.items():
        cells = [_spread([100 * row[name] for row in rows]) for name in names]
        cells.append(_spread([row["seconds"] for row in rows], digits=0))
        lines.append(f"| {output_layer} | {' | '.join(cells)} |")
    pairs = zip(results["softmax"], results["crf"], strict=True)
    gains = [100 * (field["f1"] - softmax["f1"]) for softmax, field in pairs]
    lines += ["", f"Gain in F1 by seed: {', '.join(f'{gain:+.2f}' for gain in gains)}."]
    return "\n".join(lines) + "\n"


def _spread(values: list[float], digits: int = 2) -> str:
    mean, least, greatest = statistics.mean(values), min(values), max(values)
    return f"{mean:.{digits}f} ({least:.{digits}f}–{greatest:.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path(__file__).with_suffix(".md")
    )
    arguments = parser.parse_args()
    results = {output_layer: [] for output_layer in OUTPUT_LAYERS}
    for seed in arguments.seeds:
        for output_layer, rows in results.items():
            rows.append(train(output_layer, seed, arguments.epochs, arguments.data_dir))
        text = table(results, arguments.epochs)
        arguments.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
