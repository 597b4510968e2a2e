"""What the tests of recorder and resuming share: a training recorded in a run folder."""

import contextlib
import dataclasses

import pytest

from nncli.data.scaling import UNIT
from nncli.errors import DivergedError
from nncli.runs import checkpoint, metrics
from nncli.runs.checkpoint import Context
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Data, Manifest
from nncli.runs.recorder import Recorder
from nncli.runs.resuming import resume
from nncli.training import events

DATA = Data(name="idx", sha256={"train-images": "ab"})
CONTEXT = Context(dataset="idx", shape=(28, 28), scaling=UNIT)


class Run:
    """One run folder and the small trainings that are recorded in it, one after the other."""

    def __init__(self, path, small_training):
        self.path, self.make = path, small_training

    @property
    def folder(self):
        return RunFolder(self.path)

    def start(self, *, stop=None, **changes):
        """Record a new training, to its end or until stopped after a step."""
        with RunFolder.create(self.path) as folder:
            training = self.make(**changes)
            return self._record(folder, training, Manifest(command=["nncli"], seed=5, data=DATA), stop)

    def resume(self, *, stop=None, trained_on=DATA, strict=False, **changes):
        """Resume the recorded training; return the remarks made."""
        with RunFolder.create(self.path, "resume") as folder:
            training = self.make(**changes)
            manifest, remarks = resume(folder, training, trained_on, ["nncli", "again"], strict=strict)
            self._record(folder, training, manifest, stop)
            return remarks

    def _record(self, folder, training, manifest, stop):
        recorder = Recorder(folder, training, manifest, CONTEXT)
        with contextlib.suppress(DivergedError), recorder:
            for event in training.run():
                recorder.handle(event)
                if isinstance(event, events.StepFinished) and event.step == stop:
                    training.stop()
        return recorder

    def outcome(self):
        """Give all that must not depend on where a run was interrupted."""
        kept = {path.name: checkpoint.load(path) for path in (self.folder.last, self.folder.best) if path.exists()}
        tensors = {
            (file, name): (tensor.dtype, tensor.shape, tensor.tobytes())
            for file, each in kept.items()
            for name, tensor in each.tensors.items()
        }
        lines = [
            dataclasses.replace(line, seconds=0, examples_per_second=0) for line in metrics.read(self.folder.metrics)
        ]
        return tensors, {file: each.state for file, each in kept.items()}, lines


@pytest.fixture
def make_run(tmp_path, small_training):
    return lambda name="run": Run(tmp_path / name, small_training)


@pytest.fixture
def run(make_run):
    return make_run()
