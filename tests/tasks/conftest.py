"""What tests of trainings share."""

import pytest


@pytest.fixture
def eager_training(monkeypatch):
    """Trains without a graph, which takes long to make where it is not what is tested."""
    from kerasrnn.tasks.job import Job

    compiled = Job.compiled_model

    def eager_model(self, *arguments):
        model = compiled(self, *arguments)
        model.run_eagerly = True
        return model

    monkeypatch.setattr(Job, "compiled_model", eager_model)
