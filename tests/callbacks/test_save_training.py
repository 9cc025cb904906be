"""A `fit` of plain Keras that is interrupted ends as one that was not."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import Tokenizer, Vocabulary, datasets
from kerasrnn.callbacks import AverageWeights, PlateauHalving, SaveTraining
from kerasrnn.checks import DamagedError

EPOCHS, ROWS = 3, 41
RANDOM = np.random.default_rng(1)
TEXTS = [" ".join(RANDOM.choice(list("abcdefg"), size)) for size in RANDOM.integers(1, 7, ROWS)]
LABELS = RANDOM.choice(["no", "yes"], ROWS)
EXAMPLES = datasets.labelled_text_examples(
    tf.data.Dataset.from_tensor_slices((TEXTS, LABELS)),
    Tokenizer(Vocabulary("abcdefg"), "whitespace"),
    ["no", "yes"],
)


class Interrupted(Exception):
    """The process ends, as it were."""


class InterruptAt(keras.callbacks.Callback):
    """Interrupts behind so many batches."""

    def __init__(self, number):
        super().__init__()
        self.left = number

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            raise Interrupted


class Training:
    """A training that can be begun in many processes, as it were, each with other weights."""

    def __init__(self, folder, averages=False):
        self.folder, self.averages, self.begun = folder, averages, 0

    def __call__(self, interrupt=0, minutes=1e-9, validates=True):
        keras.utils.set_random_seed(self.begun + 5)
        self.begun += 1
        model = kerasrnn.many_to_one(11, 2, units=3, embedding=2, dropout=0.3)
        average = {"use_ema": True, "ema_momentum": 0.9} if self.averages else {}
        model.compile(
            keras.optimizers.Adam(0.03, **average),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            weighted_metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
            run_eagerly=True,
        )
        monitor = "val_loss" if validates else "loss"
        schedule = PlateauHalving(monitor, state_dir=self.folder / "rule", patience=1)
        saving = SaveTraining(self.folder / "states", minutes=minutes, schedule=schedule)
        stream, steps = saving.epochs(EXAMPLES, 7, seed=3)
        assert steps == 6
        averaging = [AverageWeights(resumed=saving.after_epoch)] if self.averages else []
        model.fit(
            stream,
            shuffle=False,  # the stream is shuffled already
            steps_per_epoch=steps,
            validation_data=EXAMPLES.batches(7) if validates else None,
            initial_epoch=saving.initial_epoch,
            epochs=EPOCHS,
            callbacks=[schedule, *averaging, InterruptAt(interrupt), saving],
            verbose=0,
        )
        variables = [*model.variables, *model.optimizer.variables]
        return [np.asarray(each).tobytes() for each in variables], saving.history


@pytest.mark.parametrize(
    ("averages", "validates", "interrupts"),
    [
        pytest.param(False, True, (2, 4, 9), marks=pytest.mark.slow),
        (True, True, (3, 8)),
        pytest.param(False, False, (3, 1), marks=pytest.mark.slow),
    ],
)
def test_it_ends_as_one_that_was_not_interrupted(averages, validates, interrupts, tmp_path):
    """At each interruption all but the batch that it came in is kept."""
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    expected = Training(tmp_path / "whole", averages)(validates=validates)
    parts = Training(tmp_path / "parts", averages)
    for number in interrupts:
        with pytest.raises(Interrupted):
            parts(number, validates=validates)
    found = parts(validates=validates)
    assert parts.begun == len(interrupts) + 1
    assert found[1] == expected[1] and len(found[1]) == EPOCHS
    assert found[0] == expected[0]
    assert len(list((tmp_path / "parts" / "states").glob("epoch-*.npz"))) == 2


def test_damage_and_wrong_use(tmp_path, capsys):
    training = Training(tmp_path)
    with pytest.raises(Interrupted):
        training(5)
    older, newer = sorted((tmp_path / "states").glob("epoch-*.npz"))
    content = newer.read_bytes()
    newer.write_bytes(content[:-1])
    assert SaveTraining(tmp_path / "states")._skipped == 3
    assert f"{newer} as it was written" in capsys.readouterr().out
    older.write_bytes(b"")
    with pytest.raises(DamagedError, match="as it was written"):
        SaveTraining(tmp_path / "states")
    newer.write_bytes(content)
    x = np.array([[7, 8], [9, 0]])
    other = kerasrnn.many_to_one(11, 2, units=5)
    other.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    saving = SaveTraining(tmp_path / "states")
    with pytest.raises(ValueError, match=r"the batches of `SaveTraining.epochs`"):
        other.fit(x, np.array([0, 1]), callbacks=[saving], verbose=0)
    saving.epochs(EXAMPLES, 7, seed=3)
    with pytest.raises(ValueError, match="Expected the model, compiled, that"):
        other.fit(x, np.array([0, 1]), callbacks=[saving], verbose=0)
    with pytest.raises(ValueError, match="a schedule with a `state_dir`"):
        SaveTraining(tmp_path / "others", schedule=PlateauHalving())
    with pytest.raises(ValueError, match="`minutes`"):
        SaveTraining(tmp_path / "others", minutes=-1)


def test_other_data_go_on_at_ends_of_epochs(tmp_path):
    x, y = np.array([[7, 8], [9, 0], [5, 5]]), np.array([0, 1, 1])

    def fit(epochs, begin=None):
        keras.utils.set_random_seed(3)
        model = kerasrnn.many_to_one(11, 2, units=3)
        model.compile(
            "adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True
        )
        saving = SaveTraining(tmp_path / "states", minutes=1e-9)
        begin = saving.initial_epoch if begin is None else begin
        model.fit(
            *(x, y),
            initial_epoch=begin,
            epochs=epochs,
            callbacks=[saving],
            verbose=0,
            shuffle=False,
        )
        return model, saving

    fit(2)
    model, saving = fit(5)
    assert saving.initial_epoch == 2 and saving.after_epoch
    assert [row["epoch"] for row in saving.history] == list(range(5))
    assert int(model.optimizer.iterations.numpy()) == 5
    with pytest.raises(ValueError, match=r"Expected `initial_epoch=5` in `fit`.*Received: 0"):
        fit(5, begin=0)
