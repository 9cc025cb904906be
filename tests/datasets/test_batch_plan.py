"""Plans of batches: each example once, exact counts, budgets, shapes, shards."""

import itertools

import numpy as np
import pytest

from kerasrnn.datasets.batches.batch_plan import BatchPlan

OPTIONS = [
    {"batch_size": 7},
    {"batch_size": 1},
    {"batch_size": 1000},
    {"batch_tokens": 97},
    {"batch_tokens": 5},
    {"batch_size": 7, "static_shapes": True},
    {"batch_tokens": 97, "static_shapes": True},
]


@pytest.fixture(params=[1, 2], ids=["one side", "two sides"])
def lengths(request, rng):
    return rng.geometric(1 / 17, (211, request.param)) + 1


def real(batches):
    return [batch.indices[: batch.real].tolist() for batch in batches]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_each_example_comes_once_in_as_many_batches_each_epoch(lengths, options):
    plan = BatchPlan(lengths, **options)
    epochs = [real(plan.epoch(seed)) for seed in (None, [3, 0], [3, 1])]
    for batches in epochs:
        assert sorted(itertools.chain(*batches)) == list(range(211))
        assert len(batches) == len(plan) == plan.number()
        assert all(batch == sorted(batch) for batch in batches)
    assert real(plan.epoch([3, 0])) == epochs[1] != epochs[2] or options.get("batch_size") == 1000


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_batch_has_what_was_asked_for(lengths, options):
    for indices, _, width in BatchPlan(lengths, **options).epoch(5):
        longest = lengths[indices].max()
        if width is not None:
            assert width >= longest and width % 8 == 0
            longest = width
        if "batch_tokens" in options:
            assert len(indices) * longest <= options["batch_tokens"] or len(indices) == 1
        else:
            assert len(indices) <= options["batch_size"]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_sizes_are_those_of_the_batches(lengths, options):
    plan = BatchPlan(lengths, **options)
    sizes = []
    for indices, _, width in plan.epoch():
        sides = lengths[indices].max(axis=0) if width is None else [width] * lengths.shape[1]
        sizes.append((len(indices), list(sides)))
    assert list(plan.sizes()) == sizes
    assert list(BatchPlan(np.zeros((0, 1), int), **options).sizes()) == []


def test_all_batches_but_one_are_full():
    lengths = np.arange(1, 30)[:, np.newaxis]
    sizes = [len(batch.indices) for batch in BatchPlan(lengths, 7).epoch(2)]
    assert sorted(sizes) == [1, 7, 7, 7, 7]


@pytest.mark.parametrize("options", [{"batch_size": 7}, {"batch_tokens": 300}], ids=str)
def test_static_shapes_are_as_few_as_the_buckets(lengths, options):
    plan = BatchPlan(lengths, **options, static_shapes=True)
    shapes = [(len(indices), width) for indices, _, width in plan.epoch(3)]
    widths = {width for _, width in shapes}
    assert len(set(shapes)) == len(widths) <= 15
    # By hand: each bucket has its own batches, the last one filled up.
    bounds = sorted(widths)
    sizes = {w: options.get("batch_size", 300 // w or 1) for w in bounds}
    counts = dict.fromkeys(bounds, 0)
    for longest in lengths.max(axis=1):
        counts[next(w for w in bounds if w >= longest)] += 1
    assert len(plan) == sum(-(-counts[w] // sizes[w]) for w in bounds)
    assert set(shapes) == {(sizes[w], w) for w in bounds}


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("workers", [1, 2, 3, 5])
def test_shards_are_equally_long_and_share_the_examples(lengths, options, workers):
    plan = BatchPlan(lengths, **options)
    shards = [list(plan.epoch([3, 1], (index, workers))) for index in range(workers)]
    assert {len(shard) for shard in shards} == {plan.number((0, workers))}
    assert sum(batch.real > 0 for shard in shards for batch in shard) == len(plan)
    assert all(len(batch.indices) for shard in shards for batch in shard)
    seen = itertools.chain(*(itertools.chain(*real(shard)) for shard in shards))
    assert sorted(seen) == list(range(211))


def test_two_sides_are_both_alike(rng):
    """Sorting by one side alone, or by the longer one, leaves much more padding."""
    source = rng.poisson(13, 5003) + 1
    lengths = np.stack([source, np.maximum(1, source + rng.integers(-4, 5, 5003))], axis=1)

    def waste(order):
        chunks = [lengths[order[i : i + 64]] for i in range(0, len(order), 64)]
        return 1 - lengths.sum() / sum(len(c) * c.max(axis=0).sum() for c in chunks)

    plan = BatchPlan(lengths, 64)
    assert plan.padding_waste() == pytest.approx(
        waste(np.concatenate([b.indices for b in sorted_batches(plan, lengths)]))
    )
    assert plan.padding_waste() < 0.06
    assert plan.padding_waste() < 0.7 * waste(np.argsort(lengths.max(axis=1)))


def sorted_batches(plan, lengths):
    """The short batch last, so that chunks of 64 are batches."""
    return sorted(plan.epoch(), key=lambda batch: -len(batch.indices))


def test_without_a_seed_the_order_stays_where_lengths_allow():
    plan = BatchPlan(np.full((11, 1), 3), 4)
    assert real(plan.epoch()) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10]]


def test_no_example_is_no_batch():
    for options in OPTIONS:
        plan = BatchPlan(np.zeros((0, 2), int), **options)
        assert len(plan) == 0 and list(plan.epoch(1)) == [] and plan.padding_waste() == 0
        assert list(plan.epoch()) == []


@pytest.mark.parametrize(
    "options, message",
    [
        ({"batch_size": 0}, "`batch_size` to be an integer of at least 1. Received: 0"),
        ({"batch_tokens": 0}, "`batch_tokens` to be an integer of at least 1. Received: 0"),
    ],
)
def test_wrong_sizes_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        BatchPlan(np.ones((3, 1), int), **options)


@pytest.mark.parametrize("shard", [(2, 2), (-1, 2), (0, 0)])
def test_wrong_shards_are_refused(shard):
    with pytest.raises(ValueError, match=r"`shard`.*Received: \("):
        list(BatchPlan(np.ones((3, 1), int)).epoch(1, shard))
