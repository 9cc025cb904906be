"""Saving a model again makes nothing that stays in memory."""

import keras
import pytest

from kerasrnn.callbacks.halving_stores import DirectoryStore
from kerasrnn.callbacks.plateau_state import PlateauState
from kerasrnn.models import many_to_one
from kerasrnn.tasks.runs.model_file import write_model

WAYS = {
    "model": lambda model, folder: write_model(model, folder / "model.keras", None),
    "snapshot": lambda model, folder: DirectoryStore(folder, PlateauState).save_snapshot(
        model, "a.weights.h5"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_variables_are_made_at_the_first_saving_alone(way, tmp_path, monkeypatch):
    model, made, of_keras = many_to_one(11, 3, units=2), [], keras.Variable.__init__
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    WAYS[way](model, tmp_path)

    def count(self, *arguments, **options):
        made.append(options)
        of_keras(self, *arguments, **options)

    monkeypatch.setattr(keras.Variable, "__init__", count)
    keras.Variable(0.0)
    assert len(made) == 1
    for _ in range(3):
        WAYS[way](model, tmp_path)
    assert len(made) == 1
