"""Which worker a process is."""

import json

import pytest

from kerasrnn.distribute import Worker, fit, is_chief, scope, this_worker


def config_of(kind="worker", index=0, **cluster):
    cluster = cluster or {"worker": ["a:1", "b:1", "c:1"]}
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def test_numbers(monkeypatch):
    assert this_worker(config_of(index=2)) == Worker(2, 3)
    both = {"chief": ["a:1"], "worker": ["b:1", "c:1"]}
    assert this_worker(config_of("chief", **both)) == Worker(0, 3)
    assert this_worker(config_of(index=1, **both)) == Worker(2, 3)
    assert is_chief()
    monkeypatch.setenv("TF_CONFIG", config_of(index=1))
    assert this_worker() == Worker(1, 3) and not is_chief()
    monkeypatch.setenv("TF_CONFIG", config_of(index=0))
    assert is_chief()


@pytest.mark.parametrize(
    "config",
    [
        "{",
        "[]",
        "{}",
        config_of(index=3),
        config_of(index=-1),
        config_of("ps"),
        config_of("chief"),
        config_of(worker="a:1"),
        config_of(worker=[1, 2]),
    ],
)
def test_what_names_no_worker(config, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(ValueError, match=r"Expected TF_CONFIG as .* Received: "):
        with scope("multi-worker"):
            pass


def test_without_addresses(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(ValueError, match="Received: none"):
        this_worker()
    with pytest.raises(ValueError, match="strategy"), scope("some"):
        pass


def test_the_same_strategy_each_time():
    with scope("mirrored") as first:
        pass
    with scope("mirrored") as second:
        assert first is second and first.num_replicas_in_sync == 1


def test_another_backend(monkeypatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(ValueError, match="TensorFlow backend .* Received: jax"), scope("mirrored"):
        pass
    with pytest.raises(ValueError, match="TensorFlow backend .* Received: jax"):
        fit(None, None)
