"""Batching without a clock: a prediction waits until the test lets it go on."""

import asyncio
import threading

import numpy as np
import pytest

from kerasrnn.serving.batcher import Batcher
from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.lane import Turns
from kerasrnn.serving.workers import Workers


class Model:
    """Doubles `x`, remembers the batches, and waits for `go` before each answer."""

    def __init__(self, open_gate=False):
        self.batches, self.go = [], threading.Semaphore(1000 if open_gate else 0)

    def __call__(self, inputs):
        self.go.acquire()
        self.batches.append(inputs["x"].tolist())
        if -1 in inputs["x"]:
            raise RequestError("guilty")
        return {"y": inputs["x"] * 2}


def request(*values):
    return {"x": np.array(values)}


async def until(condition):
    while not condition():
        await asyncio.sleep(0.001)


def answered(model, requests, max_waiting=100, **options):
    """Lets the first request alone into the model; the others come while it runs."""

    async def scenario():
        workers = Workers(2, max_waiting)
        batcher = Batcher(model, workers, **{"joins": True, "max_rows": 4, **options})
        tasks = [asyncio.create_task(batcher.answer(requests[0]))]
        await asyncio.sleep(0)  # it is in the queue
        await asyncio.sleep(0)  # and now it runs
        tasks += [asyncio.create_task(batcher.answer(each)) for each in requests[1:]]
        await asyncio.sleep(0)
        model.go.release(1000)
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        workers.close()
        return [each if isinstance(each, Exception) else each["y"].tolist() for each in answers]

    return asyncio.run(scenario())


def test_what_comes_while_a_batch_runs_makes_up_the_next_ones():
    model = Model()
    requests = [request(1), request(2, 3), request(4), request(5), request(6, 7, 8, 9, 10)]
    assert answered(model, requests) == [[2], [4, 6], [8], [10], [12, 14, 16, 18, 20]]
    assert model.batches == [[1], [2, 3, 4, 5], [6, 7, 8, 9, 10]]


def test_only_the_guilty_request_fails():
    model = Model()
    first, *rest = answered(model, [request(0), request(1), request(-1), request(2)])
    assert (first, rest[0], rest[2]) == ([0], [2], [4])
    assert isinstance(rest[1], RequestError)


def test_an_error_of_any_kind_reaches_its_request():
    def broken(inputs):
        raise MemoryError("no room")

    async def scenario():
        workers = Workers(1, 10)
        batcher = Batcher(broken, workers, joins=True)
        with pytest.raises(MemoryError):
            await batcher.answer(request(1))
        workers.close()
        with pytest.raises(RuntimeError):  # no threads any more
            await batcher.answer(request(1))

    asyncio.run(scenario())


def test_one_request_too_many_is_told_so():
    answers = answered(Model(), [request(value) for value in range(5)], max_waiting=3)
    assert answers[:3] == [[0], [2], [4]]
    for error in answers[3:]:
        assert isinstance(error, RequestError) and error.status == 503


def test_places_are_free_again_after_an_answer():
    async def scenario():
        workers = Workers(1, 1)
        batcher = Batcher(Model(open_gate=True), workers, joins=True)
        for value in (1, -1, 2):
            await asyncio.gather(batcher.answer(request(value)), return_exceptions=True)
        assert (await batcher.answer(request(3)))["y"].tolist() == [6]
        workers.close()

    asyncio.run(scenario())


def test_a_client_that_left_harms_nobody():
    async def scenario():
        model, workers = Model(), Workers(2, 10)
        batcher = Batcher(model, workers, joins=True)
        tasks = [asyncio.create_task(batcher.answer(request(value))) for value in (1, 2, 3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        model.go.release(10)
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(answers[1], asyncio.CancelledError)
        assert [answers[0]["y"].tolist(), answers[2]["y"].tolist()] == [[2], [6]]
        workers.close()

    asyncio.run(scenario())


def test_what_a_client_that_left_wanted_is_never_begun():
    async def scenario():
        model, workers = Model(), Workers(2, 10)
        batcher = Batcher(model, workers, joins=True)
        tasks = [asyncio.create_task(batcher.answer(request(0)))]
        await asyncio.sleep(0)  # it is in the queue
        await asyncio.sleep(0)  # and now it runs
        tasks += [asyncio.create_task(batcher.answer(request(value))) for value in range(1, 5)]
        await asyncio.sleep(0)
        for task in tasks[1:4]:
            task.cancel()
        model.go.release(10)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(model.batches, []) == [0, 4]
        assert (await batcher.answer(request(6)))["y"].tolist() == [12]  # their places are free
        workers.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "counts, sizes",
    [
        ([1] * 600, [256, 256, 88]),  # rows
        ([2**14] * 3, [1, 1, 1]),  # tokens
        ([2**15, 1, 2**13, 2**13, 2**13], [1, 2, 2]),  # padding counts; one row always goes
    ],
)
def test_a_request_is_cut_into_batches_of_a_bounded_size(counts, sizes):
    async def scenario():
        model, workers = Model(open_gate=True), Workers(2, 10)
        batcher = Batcher(model, workers, joins=True)
        values = list(range(len(counts)))
        answer = await batcher.answer(request(*values), np.array(counts))
        assert answer["y"].tolist() == [2 * value for value in values]
        assert [len(batch) for batch in model.batches] == sizes
        assert sum(model.batches, []) == values
        workers.close()

    asyncio.run(scenario())


def test_the_parts_of_a_request_are_padded_to_the_widest_as_a_whole():
    lengths = {"y": ["n"]}

    def run(inputs):
        widths = inputs["x"]
        return {"y": np.ones((len(widths), widths.max())) * widths[:, None], "n": widths}

    async def scenario():
        workers = Workers(2, 10)
        batcher = Batcher(run, workers, joins=True, pads=True, lengths=lengths)
        counts = np.full(3, 2**14)
        answer = await batcher.answer(request(1, 3, 2), counts)
        assert answer["y"].tolist() == [[1, 0, 0], [3, 3, 3], [2, 2, 0]]
        workers.close()

    asyncio.run(scenario())


def test_a_part_whose_outputs_have_no_rows_is_asked_again_with_the_others():
    async def scenario():
        calls = []

        def run(inputs):
            calls.append(len(inputs["x"]))
            return {"y": inputs["x"].sum(keepdims=True)}

        workers = Workers(2, 10)
        batcher = Batcher(run, workers, joins=True)
        answer = await batcher.answer(request(*range(300)))
        assert (answer["y"].tolist(), calls) == ([44850], [256, 44, 300])
        workers.close()

    asyncio.run(scenario())


def test_short_rows_do_not_wait_for_long_ones():
    async def scenario():
        go_on, began = threading.Event(), threading.Event()

        def run(inputs):
            if inputs["x"][0] == 7:
                began.set()
                assert go_on.wait(60)
            return {"y": inputs["x"]}

        workers = Workers(1, 10)
        batcher = Batcher(run, workers, joins=True)
        long = asyncio.create_task(batcher.answer(request(7), np.array([1000])))
        await until(began.is_set)
        assert (await batcher.answer(request(1), np.array([10])))["y"].tolist() == [1]
        assert not long.done()
        go_on.set()
        await long
        workers.close()

    asyncio.run(scenario())


def test_long_rows_leave_time_to_short_ones(monkeypatch):
    """While short ones are asked, the next batch of long ones comes later."""
    slept = []
    sleep = asyncio.sleep

    async def noted(seconds):
        if seconds:
            slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr("kerasrnn.serving.lane.asyncio.sleep", noted)

    async def scenario():
        workers, turns = Workers(1, 10), Turns()
        batcher = Batcher(lambda inputs: {"y": inputs["x"]}, workers, joins=True, turns=turns)
        long = np.array([1000])
        await batcher.answer(request(1), long)
        assert (slept, turns.short) == ([], 0)
        turns.short = 1  # those of another model
        await batcher.answer(request(2), long)
        await batcher.answer(request(3), np.array([10]))
        await sleep(0.01)
        assert len(slept) == 1 and turns.short == 1
        workers.close()

    asyncio.run(scenario())


def test_requests_without_rows_and_models_that_cannot_be_joined_run_alone():
    model = Model()
    assert answered(model, [request(0), request(), request(1)]) == [[0], [], [2]]
    model = Model()
    assert answered(model, [request(0), request(1), request(2)], joins=False) == [[0], [2], [4]]
    assert sorted(model.batches) == [[0], [1], [2]]


def test_widths_are_joined_only_where_padding_is_known_to_be_harmless():
    requests = [{"x": np.full((1, width), width)} for width in (1, 2, 3, 3)]
    model = Model()
    answered(model, requests)
    assert [len(batch) for batch in model.batches] == [1, 1, 2]
    model = Model()
    answered(model, requests, pads=True)
    assert [len(batch) for batch in model.batches] == [1, 3]


def test_a_very_long_row_is_not_joined_with_short_ones():
    requests = [{"x": np.zeros((1, width), "int8")} for width in (1, 2, 2**20, 2)]
    model = Model()
    model_batches = []
    run = model.__call__

    def watched(inputs):
        model_batches.append(inputs["x"].shape)
        return run(inputs)

    watched.go = model.go
    answered(watched, requests, pads=True)
    assert model_batches == [(1, 1), (1, 2), (1, 2**20), (1, 2)]


def test_outputs_without_rows_are_noticed():
    calls = []

    def run(inputs):
        calls.append(len(inputs["x"]))
        return {"y": np.array([7])}

    run.go = threading.Semaphore(1000)
    assert answered(run, [request(value) for value in range(4)]) == [[7]] * 4
    assert calls == [1, 3, 1, 1, 1]


def test_a_batch_waits_for_company_where_it_is_told_to():
    async def scenario():
        model, workers = Model(open_gate=True), Workers(1, 10)
        batcher = Batcher(model, workers, joins=True, wait=0.01)
        first = asyncio.create_task(batcher.answer(request(1)))
        await asyncio.sleep(0)
        await asyncio.gather(first, batcher.answer(request(2)))
        assert model.batches == [[1, 2]]
        workers.close()

    asyncio.run(scenario())
