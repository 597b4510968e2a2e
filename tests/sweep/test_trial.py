"""A trial's training is a process that reports its epochs, obeys the verdict, and resumes where it stopped."""

import signal
import threading

import pytest
import yaml

from nncli.errors import RunError
from nncli.runs import manifest, metrics
from nncli.runs.folder import RunFolder
from nncli.sweep.trial import FatalError, Interrupted, Process, train


@pytest.fixture
def started(tmp_path, digits_dir):
    base = {
        "data": {"name": "idx", "dir": str(digits_dir), "validation": 60, "batch_size": 32},
        "model": {"layers": [{"units": 8}, {"units": 10}]},
        "training": {"epochs": 4},
    }
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(base), encoding="utf-8")

    def start(after_epoch, *options, process=None, settings=()):
        process = process or Process(threading.Event())
        config = tmp_path / "base.yaml"
        return train(process, tmp_path / "run", config, settings, options, "validation_error", after_epoch)

    return start


def test_a_trial_is_stopped_resumed_and_pruned_at_the_end_of_an_epoch(started, tmp_path):
    process = Process(threading.Event())

    def stop(epoch):
        process.stopped.set()
        process.interrupt()
        return False

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in the background of a script
    try:
        with pytest.raises(Interrupted):
            started(stop, process=process)
    finally:
        signal.signal(signal.SIGINT, before)
    run = RunFolder(tmp_path / "run")
    assert manifest.read(run.manifest).status == "interrupted"
    begun = len(list(metrics.read(run.metrics)))
    reported = []

    def prune(epoch):
        reported.append(epoch["epoch"])
        return epoch["epoch"] == 3

    outcome = started(prune)
    assert (outcome.status, outcome.value) == ("pruned", None)
    assert manifest.read(run.manifest).status == "pruned"
    assert reported == list(range(begun + 1, 4))
    assert [each.epoch for each in metrics.read(run.metrics)] == [1, 2, 3]
    assert started(lambda epoch: False).status == "pruned"  # known from the manifest


def test_the_run_of_another_sweep_is_no_result(started, tmp_path):
    settings = ["training.epochs=1", "seed=3"]
    outcome = started(lambda epoch: False, settings=settings)
    assert started(lambda epoch: False, "--threads", "1", settings=settings) == outcome
    for other, name in ("optimizer.learning_rate=0.5", "optimizer.learning_rate"), ("seed=4", "seed"):
        with pytest.raises(RunError, match=f"a run with a different {name}, of another sweep; choose another --sweep"):
            started(lambda epoch: False, settings=[*settings, other])


def test_an_error_that_other_trials_share_ends_the_sweep(started):
    with pytest.raises(FatalError, match="/nowhere") as caught:
        started(lambda epoch: False, "--data-dir", "/nowhere")
    assert caught.value.exit_code == 4
