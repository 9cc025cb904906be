"""Views say which models they are for."""

import pytest

from kerasrnn import models, views

V, U = 11, 5
MODELS = {
    "one_to_one": lambda: models.one_to_one(V, 3, units=U),
    "many_to_one": lambda: models.many_to_one(V, 3, units=U),
    "many_to_one_pooled": lambda: models.many_to_one(V, 3, units=U, pooling="max"),
    "bidirectional": lambda: models.many_to_many(V, 3, units=U, bidirectional=True),
    "crf": lambda: models.many_to_many(V, 3, units=U, output="crf"),
    "characters": lambda: models.many_to_many(V, 3, units=U, characters=7),
    "vectors": lambda: models.many_to_many((13,), 3, units=U),
    "fixed_window": lambda: models.fixed_window_language_model(V, units=U),
    "cbow": lambda: models.cbow(V, embedding=U),
    "language_model": lambda: models.language_model(V, units=U),
    "encoder_decoder": lambda: models.encoder_decoder(V, 13, units=U),
    "one_to_many": lambda: models.one_to_many((13,), V, units=U),
}
VIEWS = {
    "step": (views.step, {"language_model", "encoder_decoder", "one_to_many", "vectors"}),
    "encode": (views.encode, {"encoder_decoder", "one_to_many"}),
    "attention_scores": (views.attention_scores, set()),
    "gates": (views.gates, MODELS.keys() - {"fixed_window", "cbow"}),
    "stream": (lambda model: views.stream(model, 2), {"language_model"}),
    "initial_states": (
        lambda model: views.initial_states(model, 2),
        MODELS.keys() - {"encoder_decoder", "one_to_many", "cbow"},
    ),
}


@pytest.fixture(scope="module", params=MODELS)
def model(request):
    return request.param, MODELS[request.param]()


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_takes_its_models_and_refuses_others(model, view):
    name, model = model
    function, taken = VIEWS[view]
    if name in taken:
        function(model)
    else:
        with pytest.raises(ValueError, match=f"^Expected .*Received:? .*{model.name!r}"):
            function(model)


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, None])
def test_batch_size_of_a_stream(batch_size):
    with pytest.raises(ValueError, match="`batch_size` to be an integer of at least 1. Received"):
        views.stream(MODELS["language_model"](), batch_size)
