"""The row of each epoch, and the bar within it, without a training."""

import math
import sys

import keras
import numpy as np
import pytest

from kerasrnn.callbacks import LearningRateHalving, PlateauHalving
from kerasrnn.optimizers import AveragingAdam, AveragingSGD, epochs_momentum
from kerasrnn.tasks.epoch_table import EpochBar, EpochTable, columns, epoch_callbacks

# By task what Keras logs.
LOGGED = {
    "translate": (["loss", "perplexity", "token_accuracy"], "val_perplexity"),
    "language-model": (["loss", "perplexity", "bits_per_token"], "val_perplexity"),
    "tag": (["loss", "perplexity", "accuracy", "entity_f1"], "val_perplexity"),
    "tag by a CRF": (["loss", "entity_f1"], "val_loss"),
    "forecast": (["loss", "scaled_mae"], "val_loss"),
    "many": (["loss", *(f"a_long_metric_of_{i}" for i in range(9))], "val_loss"),
}


@pytest.mark.parametrize("names, monitor", LOGGED.values(), ids=LOGGED)
@pytest.mark.parametrize("epochs", [3, 100_000])
def test_a_row_has_80_columns_and_the_figure_that_counts(names, monitor, epochs):
    logged = [*names, *(f"val_{name}" for name in names)]
    shown, widths, heading = columns(logged, monitor, epochs)
    assert monitor in shown and sum(widths) + 2 * (len(widths) - 1) <= 80
    assert max(map(len, heading)) <= 80
    if len(names) <= 3:
        validated = [
            f"val_{name}" for name in names if "perplexity" not in monitor or name != "loss"
        ]
        assert set(validated) <= set(shown)


def fitted(
    values,
    capsys,
    monitor="val_perplexity",
    optimizer=None,
    rule=LearningRateHalving,
    **options,
):
    """What a training prints whose validation has these values."""
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, name="only")])
    model.compile(optimizer or keras.optimizers.SGD(0.5), "mse")

    class Inject(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["perplexity"] = logs[monitor] = values[epoch]

    halving = rule(monitor, verbose=0, **options)
    shown = epoch_callbacks(halving, 1, len(values))
    x = np.ones((2, 1), "float32")
    model.fit(x, x, epochs=len(values), verbose=0, callbacks=[Inject(), halving, *shown])
    return capsys.readouterr().out.rstrip("\n").split("\n")


def test_one_row_an_epoch_and_what_the_rule_decides(capsys):
    legend, more, above, heading, *rows = fitted([132.41, 131.9, 120.0, 121.0], capsys)
    assert f"{legend} {more.strip()}" == (
        "gain: by how much log val_perplexity has fallen since the epoch before; less than 0.3% "
        "starts the halving of the learning rate"
    )
    assert above.split() == ["val", "learning"]
    assert heading.split() == ["epoch", "perplexity", "perplexity", "gain", "rate", "time"]
    first, second, halves, third, fourth, *stops = rows
    assert first.split()[:4] == ["1/4", "132.4", "132.4", "0.5"]
    gain = 1 - math.log(131.9) / math.log(132.41)
    assert second.split()[:5] == ["2/4", "131.9", "131.9", f"{100 * gain:.2f}%", "0.5"]
    assert halves.strip() == "val_perplexity: gain too small, halving starts"
    assert third.split()[4] == "0.25" and fourth.split()[:4] == ["4/4", "121", "121", "0.125"]
    assert " ".join(" ".join(stops).split()) == (
        "val_perplexity: worse, weights of epoch 3 restored, second failure, training stops"
    )
    assert all(len(line) <= 80 for line in (legend, more, *rows))


def test_the_rule_that_waits_says_what_it_decides(capsys):
    legend, more, _, _, *rows = fitted([132.41, 133.0, 140.0, 121.0], capsys, rule=PlateauHalving)
    assert f"{legend} {more.strip()}" == (
        "gain: by how much log val_perplexity is below the best before; after 2 epochs of less "
        "than 0.3% the learning rate is halved"
    )
    _, second, waits, third, halves, fourth = rows
    assert second.split()[3] == f"{100 * (1 - math.log(133) / math.log(132.41)):.2f}%"
    assert waits.strip() == "val_perplexity: no gain, epoch 1 of 2 to wait"
    assert halves.strip() == (
        "val_perplexity: no gain, weights of epoch 1 restored, learning rate halved"
    )
    assert third.split()[4] == "0.5" and fourth.split()[4] == "0.25"
    assert all(len(line) <= 80 for line in (legend, more, *rows))


def test_a_loss_and_large_figures(capsys):
    legend, _, _, heading, first, second = fitted(
        [123456.0, 61728.0], capsys, "val_loss", min_improvement=1.25
    )
    assert legend.startswith("gain: by how much val_loss has fallen since the epoch before; less")
    assert "123456" in first and "61728" in second and "50.00%" in second
    assert "loss" in heading


@pytest.mark.parametrize(
    "optimizer, epochs",
    [
        (keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.98), "50 epochs"),
        (AveragingSGD(0.5, ema_momentum=epochs_momentum(1.5, 1)), "1.5 epochs"),
        (AveragingAdam(0.5, ema_momentum=epochs_momentum(1, 1)), "1 epoch"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_of_which_weights_the_figures_are(optimizer, epochs, capsys):
    """Here an epoch is one step."""
    lines = fitted([5.0], capsys, optimizer=optimizer)
    said = f"val: of the average of the weights over about {epochs}, which is what is saved"
    assert " ".join(lines[2:4]).replace("  ", " ").startswith(said)
    assert all(len(line) <= 80 for line in lines)


def test_the_bar_stays_on_one_line_and_leaves_nothing(capsys):
    bar = EpochBar(3, 2)
    bar.on_epoch_begin(0)
    for batch in range(3):
        bar.on_train_batch_end(batch)
    bar.on_test_begin()
    bar.on_epoch_end(0)
    bar.on_train_end()
    said = capsys.readouterr().err
    assert "epoch 1/2" in said and "\n" not in said
    assert said.split("\r")[-1].strip() == ""


def test_at_a_terminal_a_row_stands_where_the_bar_was(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "write", sys.stdout.write)
    rows = [line.split("\r")[-1].split() for line in fitted([5.0, 3.0], capsys)]
    assert [row[0] for row in rows[-2:]] == ["1/2", "2/2"]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    assert [type(each) for each in epoch_callbacks(None, 3, 2)] == [EpochTable]
