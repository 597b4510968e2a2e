"""What a training leaves in its folder: metrics, best and last checkpoints, and how it ended."""

import itertools
import math

import pytest

from nncli.data.scaling import UNIT
from nncli.errors import CheckpointError, RunError
from nncli.runs import checkpoint, manifest, metrics
from nncli.runs.checkpoint import Context
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Manifest
from nncli.runs.recorder import Recorder
from nncli.training import events
from nncli.training.loop import Training

CONTEXT = Context(dataset="idx", shape=(28, 28), scaling=UNIT)
BEGUN = Manifest(command=[], seed=1, data=manifest.Data(name="idx", sha256={}))


def state_of(path):
    return checkpoint.load(path).state["progress"]


def test_a_finished_run_has_a_line_an_epoch_and_its_best_and_last_checkpoints(run):
    recorder = run.start(training={"epochs": 4})
    lines = list(metrics.read(run.folder.metrics))
    assert [(line.epoch, line.step) for line in lines] == [(1, 4), (2, 8), (3, 12), (4, 16)]
    best = min(lines, key=lambda line: line.validation_error or 0)
    assert state_of(run.folder.best)["epoch"] == best.epoch == recorder.best["epoch"]
    assert state_of(run.folder.last)["epoch"] == 4
    assert state_of(run.folder.previous)["epoch"] == 3
    written = manifest.read(run.folder.manifest)
    assert (written.status, written.best) == ("completed", recorder.best)
    assert recorder.best["validation_error"] == best.validation_error
    assert written.seconds > 0
    assert written.finished is not None
    assert written.finished >= written.started


def test_the_best_checkpoint_is_of_the_best_epoch_not_the_last(run, monkeypatch):
    script = iter([(1.0, 0.5), (1.0, 0.3), (1.0, 0.4)])
    monkeypatch.setattr("nncli.training.loop.loss_and_error", lambda graph, batches: next(script))
    assert run.start().best == {"epoch": 2, "validation_error": 0.3}
    assert state_of(run.folder.best)["epoch"] == 2
    assert state_of(run.folder.last)["epoch"] == 3


def test_a_checkpoint_says_with_what_and_on_what_it_was_trained(run):
    run.start(seed=9)
    kept = checkpoint.load(run.folder.best)
    assert kept.config["seed"] == 9
    assert (kept.state["dataset"], kept.state["shape"]) == ("idx", [28, 28])
    assert kept.tensors["hidden1.weights"].shape == (12, 784)


@pytest.mark.parametrize(("every", "saved"), [(1, [1, 2, 3, 4, 4, 5, 6]), (3, [3, 4, 6]), (4, [4, 4]), (None, [4])])
def test_checkpoints_within_an_epoch_come_every_so_many_steps(every, saved, run, small_training, monkeypatch):
    steps = []
    save = checkpoint.save

    def noting(path, kept, **options):
        if path.name.startswith("last"):
            steps.append(kept.state["progress"]["step"])
        save(path, kept, **options)

    monkeypatch.setattr("nncli.runs.recorder.save", noting)
    run.folder.checkpoints.mkdir(parents=True)
    training = small_training(training={"checkpoint_every_steps": every})
    with Recorder(run.folder, training, BEGUN, CONTEXT) as recorder:
        for event in itertools.islice(recorder.training.run(), 8):  # the start, an epoch of 4 steps, 2 more
            recorder.handle(event)
    assert steps == saved


def test_an_interrupted_run_keeps_the_step_it_came_to(run):
    run.start(stop=6)
    assert manifest.read(run.folder.manifest).status == "interrupted"
    assert state_of(run.folder.last)["step"] == 6
    assert state_of(run.folder.previous)["step"] == 4
    assert len(list(metrics.read(run.folder.metrics))) == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), "interrupted"), (RunError("disk full"), "failed"), (OSError(), "failed")],
)
def test_the_manifest_says_how_it_ended_whatever_happens(error, status, run, small_training):
    with RunFolder.create(run.path) as folder:
        recorder = Recorder(folder, small_training(), BEGUN, CONTEXT)
        recorder.__enter__()
        assert manifest.read(folder.manifest).status == "running"
        recorder.__exit__(type(error), error, None)
    assert manifest.read(run.folder.manifest).status == status


def test_a_run_that_diverges_keeps_its_last_good_checkpoint(run, monkeypatch):
    step = Training._step

    def spoiling(self, x, targets):
        if self.progress.step == 6:
            self.network.parameters.value("output.bias")[0] = math.nan
        return step(self, x, targets)

    monkeypatch.setattr(Training, "_step", spoiling)
    run.start(training={"checkpoint_every_steps": 1})
    assert manifest.read(run.folder.manifest).status == "diverged"
    assert state_of(run.folder.last)["step"] == 6
    assert state_of(run.folder.best)["epoch"] == 1


def test_numbers_that_are_not_finite_never_reach_a_checkpoint(run, small_training):
    run.start(training={"epochs": 1})
    before = run.folder.last.read_bytes()
    training = small_training()
    training.config = training.config.model_copy(update={"clip_norm": math.nan})
    recorder = Recorder(run.folder, training, BEGUN, CONTEXT)
    with pytest.raises(CheckpointError):
        recorder.handle(events.Finished(events.INTERRUPTED, 0, 0))
    assert run.folder.last.read_bytes() == before
