"""A GPU with Keras on JAX or PyTorch: what the factories take for a step, beside PyTorch itself.

Run `KERAS_BACKEND=torch python benchmarks/gpu.py --output FILE.json`, then with `jax`; and then
`python benchmarks/gpu.py --table FILE.json FILE.json` where nothing but the files is needed. Each
run times `many_to_one` and `language_model` in the shapes of benchmarks/README.md and larger ones,
looks for cuDNN's recurrence in what runs, trains a character model with the halving rule, and
times `torch.nn.LSTM` and `torch.nn.GRU` with the same layers around them.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import platform
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np

# Batch, steps, ids, units, layers, and whether each step has an output.
SHAPES = {
    "32 × 100, V 5,000, U 128, last output": (32, 100, 5000, 128, 1, False),
    "64 × 100, V 65, U 256, every output": (64, 100, 65, 256, 1, True),
    "20 × 35, V 10,000, U 200, 2 layers, every output": (20, 35, 10_000, 200, 2, True),
    "64 × 100, V 10,000, U 1,024, 2 layers, every output": (64, 100, 10_000, 1024, 2, True),
}
ROUNDS, STEPS = 5, 20
TEXT = "The sea came in, the sea went out, and nobody on the shore had counted the waves. "


def batch(shape: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Ids `(B, T)` that end at several lengths, and targets `(B, T)` or `(B,)`."""
    size, steps, ids, *_, every = shape
    rng = np.random.default_rng(1)
    x = rng.integers(4, ids, (size, steps)).astype("int32")
    x[np.arange(steps) >= rng.integers(steps // 2, steps + 1, (size, 1))] = 0  # padding
    return x, x if every else rng.integers(0, 2, size).astype("int32")


def seconds(step: Callable, synchronize: Callable) -> list[float]:
    """Times rounds of steps; the first one, in which things are compiled, does not count."""
    found = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        for _ in range(STEPS):
            step()
        synchronize()
        found.append((time.perf_counter() - start) / STEPS)
    return found[1:]


def factory_model(cell: str, shape: tuple):
    """A model of this package, compiled."""
    import keras

    from kerasrnn import models

    _, _, ids, units, layers, every = shape
    options = {"cell": cell, "units": units, "num_layers": layers, "embedding": units}
    if every:
        model = models.language_model(ids, **options)
    else:
        model = models.many_to_one(ids, 2, **options)
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )
    model.compile(keras.optimizers.Adam(1e-3), loss)
    return model


def factory_seconds(cell: str, shape: tuple) -> list[float]:
    """Steps of `fit`, as a user calls it: an epoch of `STEPS` batches."""
    model, (x, y) = factory_model(cell, shape), batch(shape)
    x, y = (np.concatenate([array] * STEPS) for array in (x, y))
    weights = (x != 0).astype("float32") if shape[-1] else None
    found = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        model.fit(x, y, batch_size=shape[0], sample_weight=weights, shuffle=False, verbose=0)
        found.append((time.perf_counter() - start) / STEPS)
    return found[1:]


def uses_cudnn(cell: str, shape: tuple) -> bool:
    """Whether cuDNN's recurrence is in what runs."""
    import keras

    model, (x, _) = factory_model(cell, shape), batch(shape)
    if keras.backend.backend() == "torch":
        import torch

        with torch.profiler.profile() as profile:
            model(x)
        return any("_cudnn_rnn" in event.key for event in profile.key_averages())
    import jax

    state = [variable.value for variable in model.trainable_variables]
    rest = [variable.value for variable in model.non_trainable_variables]
    lowered = jax.jit(lambda x: model.stateless_call(state, rest, x)[0]).lower(x)
    return "cudnn_rnn" in lowered.compile().as_text()


def torch_seconds(cell: str, shape: tuple) -> list[float]:
    """The same layers and the same step, written in PyTorch; its `pad_packed` way of padding."""
    import torch
    from torch import nn

    _, _, ids, units, layers, every = shape
    x, y = (torch.tensor(array, device="cuda").long() for array in batch(shape))
    embedding = nn.Embedding(ids, units, padding_idx=0).cuda()
    kind = {"lstm": nn.LSTM, "gru": nn.GRU}[cell]
    recurrent = kind(units, units, layers, batch_first=True).cuda()
    output = nn.Linear(units, ids if every else 2).cuda()
    parameters = [*embedding.parameters(), *recurrent.parameters(), *output.parameters()]
    adam = torch.optim.Adam(parameters, 1e-3)
    lengths = (x != 0).sum(1).cpu()
    last = (lengths - 1).cuda()
    rows = torch.arange(len(x), device="cuda")

    def step():
        adam.zero_grad()
        states, _ = recurrent(embedding(x))
        logits = output(states if every else states[rows, last])
        nn.functional.cross_entropy(
            logits.flatten(0, -2), y.flatten(), ignore_index=0 if every else -100
        ).backward()
        adam.step()

    return seconds(step, torch.cuda.synchronize)


def trained() -> dict:
    """A character model, trained with the halving rule; its perplexity and the rates."""
    import keras

    from kerasrnn import callbacks, metrics, models

    keras.utils.set_random_seed(1)
    letters = sorted(set(TEXT))
    ids = np.array([4 + letters.index(letter) for letter in TEXT * 400], "int32")
    rows = ids[: len(ids) // 51 * 51].reshape(-1, 51)
    x, y = rows[:, :-1], rows[:, 1:]
    model = models.language_model(4 + len(letters), units=256)
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )
    model.compile(keras.optimizers.Adam(3e-3), loss, weighted_metrics=[metrics.Perplexity()])
    start = time.perf_counter()
    history = model.fit(
        x[:-64],
        y[:-64],
        validation_data=(x[-64:], y[-64:]),
        batch_size=64,
        epochs=30,
        callbacks=[callbacks.LearningRateHalving("val_perplexity", verbose=0)],
        verbose=0,
    ).history
    return {
        "epochs": len(history["loss"]),
        "seconds": round(time.perf_counter() - start, 1),
        "validation perplexity": round(min(history["val_perplexity"]), 4),
        "learning rates": [round(float(rate), 6) for rate in history.get("learning_rate", [])],
    }


def measure() -> dict:
    """Everything, on the backend that `KERAS_BACKEND` names."""
    import keras
    import torch

    rows = []
    for name, shape in SHAPES.items():
        for cell in ("lstm", "gru"):
            ours, torchs = factory_seconds(cell, shape), torch_seconds(cell, shape)
            rows.append(
                {
                    "shape": name,
                    "cell": cell,
                    "cudnn": uses_cudnn(cell, shape),
                    "ours": ours,
                    "torch": torchs,
                }
            )
            print(rows[-1], flush=True)
    return {
        "backend": keras.backend.backend(),
        "device": torch.cuda.get_device_name(),
        "versions": {
            "keras": keras.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "trained": trained(),
        "rows": rows,
    }


def table(results: list[dict]) -> Iterator[str]:
    """The lines of a Markdown table of some runs."""
    yield "| backend | shape | cell | cuDNN | ms a step, `fit` | `torch.nn`, ms | ratio |"
    yield "|---|---|---|---|---|---|---|"
    for result in results:
        for row in result["rows"]:
            ours, rival = (statistics.median(row[name]) * 1e3 for name in ("ours", "torch"))
            spread = [min(row["ours"]) * 1e3, max(row["ours"]) * 1e3]
            yield (
                f"| {result['backend']} | {row['shape']} | {row['cell']} | "
                f"{'yes' if row['cudnn'] else 'no'} | {ours:.2f} ({spread[0]:.2f}–{spread[1]:.2f}) "
                f"| {rival:.2f} | {ours / rival:.2f} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--table", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    if arguments.table:
        results = [json.loads(path.read_text(encoding="utf-8")) for path in arguments.table]
        print("\n".join(table(results)))
        return
    result = measure()
    print(json.dumps(result["trained"]))
    if arguments.output:
        arguments.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
