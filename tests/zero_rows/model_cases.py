"""Every factory × cell × output × attention, and every view of them, with every number of rows."""

import functools
import itertools

from rows import Case, Given, in_graph, run_on

from kerasrnn import layers, models, views

T, S, V, U = 3, 5, 29, 4
CELLS = tuple(layers.CELLS)
ATTENTIONS = (None, "dot", "scaled_dot", "general", "additive")
OUTPUTS = ("full", "class", "adaptive", "tied")
IMAGE = (8, 9, 1)


def allowed():
    return layers.CRF(3, layers.bio_constraints(["O", "B-A", "I-A"]), name="output")


def feedings(attention):
    return (False,) if attention is None else (False, True)


def factories():
    """By name a function that makes a model; what is in the name is its options."""
    made = {}

    def add(factory, *inputs, name=(), **options):
        words = [factory.__name__, *name, *(f"{key}={each}" for key, each in options.items())]
        made[" ".join(words)] = lambda: factory(*inputs, units=U, **options)

    for cell in CELLS:
        add(models.one_to_one, V, 3, name=["ids"], cell=cell)
        add(models.one_to_one, (6,), 3, name=["vectors"], cell=cell)
        for pooling in ("last", "mean", "max", "attention"):
            add(models.many_to_one, V, 3, name=["ids"], cell=cell, pooling=pooling)
        for inputs, name in (((6,), "vectors"), (IMAGE, "frames")):
            add(models.many_to_one, inputs, 3, name=[name], cell=cell, bidirectional=True)
            add(models.many_to_many, inputs, 3, name=[name], cell=cell, output="softmax")
            add(models.many_to_many, inputs, 3, name=[name], cell=cell, output="crf")
        add(models.siamese, V, 3, name=["ids"], cell=cell, join="symmetric")
        segments = {"pooling": "max", "segment_length": 2}
        add(models.many_to_one, V, 3, name=["segments"], cell=cell, **segments)
        for output in ("softmax", "crf"):
            add(models.many_to_many, V, 3, name=["ids"], cell=cell, output=output)
            add(models.many_to_many, V, 3, name=["ids"], cell=cell, output=output, characters=V)
        made[f"many_to_many ids cell={cell} constrained"] = lambda cell=cell: models.many_to_many(
            V, 3, units=U, cell=cell, output=allowed(), bidirectional=True
        )
        for output in OUTPUTS:
            if cell != "elman" or output in ("full", "class"):
                add(models.language_model, V, cell=cell, output=output)
        for attention, output in itertools.product(ATTENTIONS, ("full", "tied")):
            for feeding in feedings(attention):
                options = {"cell": cell, "attention": attention, "output": output}
                options |= {"input_feeding": True} if feeding else {}
                add(models.encoder_decoder, V, V, **options)
                add(
                    models.one_to_many, IMAGE, V, name=["image"], encoder="convolutional", **options
                )
                inputs = (6,) if attention is None else (5, 6)
                add(models.one_to_many, inputs, V, name=["places"], **options)
    for output in ("full", "class", "adaptive"):
        for combine in ("concatenate", "mean"):
            factory = models.fixed_window_language_model
            add(factory, V, combine=combine, output=output, window=3)
    made["cbow"] = lambda: models.cbow(V, window=2, embedding=U)
    return made


def inputs_of(model):
    """What a model takes, with T steps where it takes any number."""
    given = {}
    for tensor in model.inputs:
        sizes = [T if size is None else size for size in tensor.shape[1:]]
        given[tensor.name] = Given(tuple(sizes), tensor.dtype)
    return given if isinstance(model.input, dict) else list(given.values())


def runs_of(make):
    """The `run` of a model that is made at its first use, and the same in a graph."""

    @functools.cache
    def runs():
        model = make()
        given = inputs_of(model)
        return run_on(model, given), in_graph(model, given)

    return (lambda rows: runs()[0](rows)), (lambda rows: runs()[1](rows))


def model_cases():
    """All models; those of one cell in a graph too, which takes ten times as long."""
    for name, make in factories().items():
        run, graph = runs_of(make)
        yield Case(f"model {name}", run)
        if "gru" in name or "cell" not in name:
            yield Case(f"model {name} in a graph", graph)


def view_cases():
    made = {
        "encoder_decoder": lambda: models.encoder_decoder(V, V, units=U, attention="dot"),
        "input_feeding": lambda: models.encoder_decoder(
            V, V, units=U, attention="dot", input_feeding=True
        ),
        "one_to_many": lambda: models.one_to_many(
            IMAGE, V, units=U, attention="additive", encoder="convolutional"
        ),
        "many_to_one": lambda: models.many_to_one(V, 3, units=U, pooling="attention"),
        "frames": lambda: models.many_to_many(IMAGE, 3, units=U),
        "characters": lambda: models.many_to_many(V, 3, units=U, characters=V, output="crf"),
        "language_model": lambda: models.language_model(V, units=U),
        "class": lambda: models.language_model(V, units=U, output="class"),
        "adaptive": lambda: models.language_model(V, units=U, output="adaptive"),
        "tied": lambda: models.language_model(V, units=U, output="tied"),
        "window": lambda: models.fixed_window_language_model(V, units=U, window=3),
    }
    made = {name: functools.cache(make) for name, make in made.items()}
    table = {
        "attention_scores": ["encoder_decoder", "input_feeding", "one_to_many", "many_to_one"],
        "encode": ["encoder_decoder", "input_feeding", "one_to_many"],
        "step": ["encoder_decoder", "input_feeding", "one_to_many", "frames", "language_model"],
        "log_probs": ["language_model", "class", "adaptive", "tied", "window"],
        "segment": ["language_model", "class", "adaptive", "tied", "window"],
        "vector": ["many_to_one", "frames", "characters"],
        "gates": ["many_to_one", "encoder_decoder", "language_model"],
    }
    below = {"initial_states", "rollout"}
    of_a_fixed_batch, mean_of_rows = {"stream"}, {"gradient_norms"}
    missing = set(views.__all__) - set(table) - below - of_a_fixed_batch - mean_of_rows
    assert not missing, f"no case for {missing}"
    for view, names in table.items():
        for name in names:
            run, graph = runs_of(lambda view=view, name=name: getattr(views, view)(made[name]()))
            yield Case(f"view {view} of {name}", run)
            yield Case(f"view {view} of {name} in a graph", graph)
    for quantiles in (None, [0.1, 0.9]):
        model = models.recursive_forecaster(5, 2, horizon=3, quantiles=quantiles, units=U)
        function, given = views.rollout(model), {"past": Given((T, 5)), "first": Given((2,))}
        name = "view rollout of quantiles" if quantiles else "view rollout"
        yield Case(name, run_on(function, given))
        yield Case(f"{name} in a graph", in_graph(function, given))
    for name in ("language_model", "class", "window", "frames"):
        yield Case(
            f"view initial_states of {name}",
            lambda rows, name=name: views.initial_states(made[name](), rows),
        )
