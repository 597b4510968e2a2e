"""A small sweep, and a runner that takes no time, in place of training processes."""

import threading
from collections import defaultdict
from pathlib import Path

import pytest
from optuna.storages import InMemoryStorage

from nncli.sweep import file
from nncli.sweep.trial import Outcome
from nncli.sweep.worker import Worker, run

BASE = """\
data: {name: synthetic-digits, validation: 100}
model: {layers: [{units: 8}, {units: 10}]}
training: {epochs: 3}
"""
GRID = """\
base: base.yaml
space:
  optimizer.learning_rate: {choices: [0.1, 0.01, 10]}
  model.layers[0].units: {choices: [8, 16]}
seeds: 2
"""


class Runner:
    """Computes an objective from the point: 10 diverges, and larger learning rates are worse."""

    def __init__(self) -> None:
        self.done: list[tuple[str, int]] = []

    def __call__(self, folder, seed, point, after_epoch):
        self.done.append((folder.parent.name if folder.name.startswith("seed") else folder.name, seed))
        rate = point["optimizer.learning_rate"]
        if rate == 10:
            return Outcome("diverged", None, 1.0)
        value = rate + 0.001 * seed + 0.0001 * point.get("model.layers[0].units", 0)
        for epoch in (1, 2, 3):
            if after_epoch({"epoch": epoch, "validation_error": value + 0.1 / epoch, "validation_loss": 1.0}):
                return Outcome("pruned", None, 0.5)
        return Outcome("completed", value, 2.0)


@pytest.fixture
def sweep_of(tmp_path, monkeypatch):
    """Load a sweep from its text."""
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(BASE, encoding="utf-8")

    def make(text: str = GRID, **options):
        Path("sweep.yaml").write_text(text, encoding="utf-8")
        return file.load(Path("sweep.yaml"), **options)

    return make


@pytest.fixture
def runner():
    """Return a new runner."""
    return Runner()


class Memory(InMemoryStorage):
    """A storage without a database, in which no worker dies."""

    def record_heartbeat(self, trial_id):
        pass


@pytest.fixture
def storage_of():
    """Return the storage of a name."""
    return defaultdict(Memory).__getitem__


@pytest.fixture
def done_by(tmp_path, storage_of):
    """Run a sweep with some workers; return its study and its runner."""

    def do(sweep, workers=1, runner=None, database="sweep.db"):
        stopped, runner = threading.Event(), runner or Runner()
        storage = storage_of(database)
        team = [Worker(sweep, storage, tmp_path / "runs", stopped, runner=runner) for _ in range(workers)]
        run(team, stopped)
        return team[0].study, runner

    return do
