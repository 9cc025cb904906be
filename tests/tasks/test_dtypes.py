"""Trainings in 16 bits: each task, averages, resumed runs, exports; and what Keras keeps."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn.tasks.registry import entry_of
from tests.tasks.test_train_from_python import CASES

QUICK = ("forecast", "tag")
# The rounding of a bfloat16 is at most one in 256, and several follow each other.
TOLERANCE = 0.04


def job_of(name, **changes):
    options = dataclasses.replace(CASES[name], **changes)
    return entry_of(options).parts().job(options.following(kerasrnn.options.DataSize(60, 7)))


def made(name, dtype):
    job = job_of(name, dtype=dtype)
    raw = job.read_splits()
    return job, raw, job.made_task(raw["train"])


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in CASES]
)
def test_every_task_computes_in_the_dtype_of_its_options(name):
    job, raw, task = made(name, "mixed_bfloat16")
    assert keras.config.dtype_policy().name == "float32"
    _, _, plain = made(name, "float32")
    plain.model.set_weights(task.model.get_weights())
    policies = {layer.dtype_policy.name for layer in task.model.layers}
    assert policies <= {"mixed_bfloat16", "float32"} and "mixed_bfloat16" in policies
    x, *_ = next(iter(job.streams(task, raw, 0)[2]))
    answers, expected = task.model(x), plain.model(x)
    assert answers.dtype == expected.dtype == "float32"
    np.testing.assert_allclose(answers, expected, rtol=TOLERANCE, atol=TOLERANCE)
    assert task.evaluate(raw["test"]).keys() == plain.evaluate(raw["test"]).keys()


@pytest.mark.parametrize(
    "name, changes",
    [
        ("forecast", {"ema_epochs": 1.5, "schedule": "mikolov"}),
        pytest.param(
            "language-model",
            {"context": "stream", "ema_momentum": 0.5, "batch_size": 7, "length": 11},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_float16_scales_its_loss_and_goes_on_where_it_was(name, changes, tmp_path, eager_training):
    """Averages, clipping and the schedule belong to the optimizer inside."""
    options = dataclasses.replace(CASES[name], dtype="mixed_float16", **changes)
    one, two = (dataclasses.replace(options, epochs=epochs) for epochs in (1, 2))
    whole = kerasrnn.train(two, tmp_path / "whole")
    kerasrnn.train(one, tmp_path / "run")
    task = kerasrnn.train(two, tmp_path / "run", resume=True)
    optimizer = task.model.optimizer
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert optimizer.inner_optimizer.use_ema and optimizer.inner_optimizer.global_clipnorm == 1
    assert int(optimizer.iterations) > 0 and float(optimizer.dynamic_scale) > 1
    ours = [*task.model.variables, *optimizer.variables]
    others = [*whole.model.variables, *whole.model.optimizer.variables]
    for mine, theirs in zip(ours, others, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert task.settings["dtype"] == "mixed_float16"
    assert keras.config.dtype_policy().name == "float32"
    other = dataclasses.replace(two, dtype="float32")
    with pytest.raises(ValueError, match="dtype='mixed_float16', now 'float32'"):
        kerasrnn.train(other, tmp_path / "run", resume=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["translate", "tag", "language-model"])
def test_signatures_give_float32_and_what_the_task_gives(name, tmp_path):
    *_, task = made(name, "mixed_bfloat16")
    task.save(tmp_path / "run")
    loaded = kerasrnn.load(tmp_path / "run")
    texts = ["the cat sees", "bread"]
    for mine, theirs in zip(loaded.predict(texts), task.predict(texts), strict=True):
        assert str(mine) == str(theirs)
    exported = tf.saved_model.load(str(loaded.export(tmp_path / "exported")))
    floats = {
        tensor.dtype
        for function in exported.signatures.values()
        for tensor in function.structured_outputs.values()
        if tensor.dtype.is_floating
    }
    assert floats <= {tf.float32, tf.float64} and floats
