"""Language models of 16 bits against those of float32 with the same weights."""

import keras
import numpy as np
import pytest

from kerasrnn.language_modeling import ContinuousCacheModel, DynamicModel, NeuralModel
from tests.language_modeling.neural_models import MODELS, SENTENCES, VOCABULARY

# A log-probability that is some roundings of one in 256 away from the exact one.
TOLERANCE = {"mixed_bfloat16": 0.05, "mixed_float16": 0.01}


def both(kind, dtype):
    rng, found = np.random.default_rng(1), []
    for name in (dtype, "float32"):
        keras.config.set_dtype_policy(name)
        try:
            found.append(MODELS[kind]())
        finally:
            keras.config.set_dtype_policy("float32")
    weights = [rng.normal(0, 0.5, weight.shape) for weight in found[0].get_weights()]
    for model in found:
        model.set_weights(weights)
    return [NeuralModel(model, VOCABULARY, "stream") for model in found]


@pytest.mark.parametrize(
    "kind, dtype",
    [
        ("lstm full", "mixed_bfloat16"),
        ("gru tied_adaptive", "mixed_float16"),
        pytest.param("elman class", "mixed_float16", marks=pytest.mark.slow),
        pytest.param("window", "mixed_bfloat16", marks=pytest.mark.slow),
    ],
)
def test_scores_caches_and_learns_as_in_float32(kind, dtype):
    models, within = both(kind, dtype), {"rtol": 0, "atol": TOLERANCE[dtype]}
    makers = [
        lambda neural: neural,
        lambda neural: ContinuousCacheModel(neural, weight=0.3),
        lambda neural: DynamicModel(neural, learning_rate=0.1, length=3, global_clipnorm=1.0),
    ]
    for maker in makers:
        scores = [np.concatenate(maker(each).token_log_probs(SENTENCES)) for each in models]
        assert scores[0].dtype == "float64"
        np.testing.assert_allclose(*scores, **within)
    static, _, dynamic = (np.concatenate(m(models[0]).token_log_probs(SENTENCES)) for m in makers)
    assert np.abs(static - dynamic).max() > 3 * TOLERANCE[dtype]  # it has learned
