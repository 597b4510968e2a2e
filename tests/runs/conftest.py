"""What the tests of recorder and resuming share: a training recorded in a run folder."""

import contextlib
import dataclasses

import pytest

from nncli.config.load import to_mapping
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

    def __init__(self, path, small_training, configuration):
        self.path = path
        self.make, self.configure = small_training, configuration

    @property
    def folder(self):
        return RunFolder(self.path)

    def start(self, *, stop=None, **changes):
        """Record a new training, to its end or until stopped after a step."""
        with RunFolder.create(self.path) as folder:
            training = self.make(**changes)
            return self._record(folder, training, Manifest(command=["nncli"], seed=5, data=DATA), changes, stop)

    def resume(self, *, stop=None, trained_on=DATA, strict=False, **changes):
        """Resume the recorded training; return the remarks made."""
        with RunFolder.create(self.path, "resume") as folder:
            training = self.make(**changes)
            mapping = to_mapping(self.configure(**changes))
            manifest, remarks = resume(folder, training, mapping, trained_on, ["nncli", "again"], strict=strict)
            self._record(folder, training, manifest, changes, stop)
            return remarks

    def _record(self, folder, training, manifest, changes, stop):
        config = self.configure(**changes)
        every = config.training.checkpoint_every_steps
        recorder = Recorder(folder, training, manifest, to_mapping(config), CONTEXT, every_steps=every)
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
def make_run(tmp_path, small_training, configuration):
    return lambda name="run": Run(tmp_path / name, small_training, configuration)


@pytest.fixture
def run(make_run):
    return make_run()
