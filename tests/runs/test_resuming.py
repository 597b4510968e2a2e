"""Resuming a run: from any step it ends as if it had not stopped, or it is refused."""

import itertools
import re
from pathlib import Path

import pytest

from nncli import durable
from nncli.config.load import to_yaml
from nncli.errors import CheckpointError, RunError
from nncli.optim.schedules import SCHEDULES
from nncli.runs import checkpoint, manifest, metrics
from nncli.runs.manifest import Data
from nncli.runs.recorder import Recorder
from nncli.runs.resuming import compare
from nncli.training.loop import Training

DROPOUT = {"input_dropout_probability": 0.1, "layers": [{"units": 12, "dropout_probability": 0.3}, {"units": 10}]}

VARIANTS = {
    "momentum, averaging, early stopping": {
        "model": DROPOUT,
        "optimizer": {"name": "momentum", "learning_rate": 0.1},
        "regularization": {"max_norm": 1.0},
        "clip_norm": 1.0,
        "training": {"epochs": 4, "average_weights": 2, "evaluate_every": 2, "early_stopping": {"patience": 1}},
    },
    "layers with the names of what a checkpoint keeps beside them": {
        "model": {
            "layers": [
                {"name": "training", "units": 5},
                {"name": "optimizer", "units": 6},
                {"name": "average", "units": 10},
            ]
        },
        "optimizer": {"name": "momentum"},
        "training": {"epochs": 2, "average_weights": 1},
    },
    "every ingredient of the literature": {
        "data": {"size": 29, "deskew": True, "augment": {"shift": 1, "rotate": 9, "elastic": {}}},
        "model": DROPOUT
        | {"layers": [{"units": 12, "batch_norm": True, "local": {"grid": 2, "window": 9}}, {"units": 10}]},
        "optimizer": {"name": "nesterov", "ramp_epochs": 1.0},
        "schedule": {"name": "one_cycle"},
        "regularization": {"max_norm": 1.0},
        "training": {"epochs": 2, "ema_decay": 0.9, "label_smoothing": 0.1, "adversarial": {"name": "virtual"}},
    },
    "adam, checkpoints between steps": {
        "model": DROPOUT,
        "optimizer": {"name": "adam"},
        "training": {"epochs": 2, "checkpoint_every_steps": 3},
    },
}


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_interrupted_after_any_step_a_run_ends_as_if_it_had_not_been(changes, make_run):
    whole = make_run("whole")
    recorder = whole.start(**changes)
    expected = whole.outcome()
    assert recorder.best["validation_error"] is not None
    for step in range(1, recorder.training.progress.step):
        run = make_run(f"stopped after {step}")
        run.start(stop=step, **changes)
        assert run.resume(**changes) == []
        assert run.outcome() == expected, f"stopped after step {step}"
        assert manifest.read(run.folder.manifest).best == manifest.read(whole.folder.manifest).best


def test_interrupted_again_and_again_it_still_ends_the_same(make_run):
    changes = VARIANTS["momentum, averaging, early stopping"]
    whole, run = make_run("whole"), make_run("pieces")
    steps = whole.start(**changes).training.progress.step
    run.start(stop=1, **changes)
    for step in range(3, steps, 2):
        run.resume(stop=step, **changes)
    run.resume(**changes)
    assert run.outcome() == whole.outcome()


@pytest.fixture
def clock(monkeypatch):
    """Let every training step take a second, and nothing else any time."""
    seconds, step = itertools.count(1), Training._step
    now = [0.0]

    def stepping(training, *batch):
        now[0] = float(next(seconds))
        return step(training, *batch)

    monkeypatch.setattr(Training, "_step", stepping)
    monkeypatch.setattr("time.perf_counter", lambda: now[0])


@pytest.mark.parametrize("step", [2, 3, 4, 6, 7])
def test_seconds_count_all_legs_of_a_run_that_was_killed(step, run, clock, monkeypatch):
    take = Training._step

    def dying(training, *batch):
        if training.progress.step == step:
            raise Killed
        return take(training, *batch)

    changes = {"training": {"epochs": 2, "checkpoint_every_steps": 1}}
    with monkeypatch.context() as patch:
        patch.setattr(Training, "_step", dying)
        patch.setattr(Recorder, "__exit__", lambda *how: None)  # a kill leaves no time for it
        with pytest.raises(Killed):
            run.start(**changes)
    assert manifest.read(run.folder.manifest).status == "running"
    run.resume(**changes)
    assert [line.seconds for line in metrics.read(run.folder.metrics)] == [4, 4]
    assert [line.examples_per_second for line in metrics.read(run.folder.metrics)] == [60, 60]
    assert manifest.read(run.folder.manifest).seconds == 8


@pytest.mark.parametrize("end", ["whole", "damaged"])
def test_metrics_that_cannot_be_read_are_refused_before_anything_is_written(end, run):
    run.start(stop=6)
    if end == "damaged":
        run.folder.last.write_bytes(b"")
    run.folder.metrics.write_bytes(run.folder.metrics.read_bytes().replace(b'"step": 4', b'"step": "4"'))
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    with pytest.raises(RunError, match=r"metrics\.jsonl:1: corrupt: step should be a valid integer"):
        run.resume()
    after = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    assert after == before
    assert manifest.read(run.folder.manifest).status == "interrupted"


class Killed(BaseException):
    """Stands for a process that ends on the spot."""


def killed_after(writes, run, changes, monkeypatch):
    """Start a run that is killed when it has written so many files; say whether it came to that."""
    left = iter(range(writes))

    def dying(write):
        def attempt(*arguments, **options):
            if next(left, None) is None:
                raise Killed
            return write(*arguments, **options)

        return attempt

    with monkeypatch.context() as patch:
        patch.setattr(durable, "write", dying(durable.write))
        patch.setattr(metrics, "append", dying(metrics.append))
        try:
            run.start(**changes)
        except Killed:
            return True
        return False


@pytest.mark.parametrize("every", [None, 2])
def test_killed_between_any_two_writes_it_ends_the_same(every, make_run, monkeypatch):
    changes = {"model": DROPOUT, "training": {"epochs": 2, "checkpoint_every_steps": every}}
    whole = make_run("whole")
    whole.start(**changes)
    for writes in itertools.count(1):
        run = make_run(f"killed after {writes}")
        if not killed_after(writes, run, changes, monkeypatch):
            break
        run.resume(**changes)
        assert run.outcome() == whole.outcome(), f"killed after {writes} writes"
    assert writes > 8


def test_a_finished_run_stays_as_it_is(run):
    run.start()
    expected = run.outcome()
    run.resume()
    assert run.outcome() == expected
    assert manifest.read(run.folder.manifest).status == "completed"


def test_a_finished_run_can_be_given_more_epochs(make_run):
    longer, run = make_run("longer"), make_run("first short")
    longer.start(training={"epochs": 5})
    run.start(training={"epochs": 2})
    run.resume(training={"epochs": 5})
    assert run.outcome() == longer.outcome()


def test_a_run_stopped_before_its_first_checkpoint_starts_again(make_run):
    whole, run = make_run("whole"), make_run("stopped")
    whole.start()
    run.start(stop=2)
    for file in (run.folder.last, run.folder.previous):
        file.unlink(missing_ok=True)
    assert run.resume() == ["note: the run has no checkpoint yet; it starts from the beginning"]
    assert run.outcome() == whole.outcome()


@pytest.mark.parametrize("strict", [False, True])
def test_a_run_whose_checkpoints_were_taken_away_does_not_start_again(run, strict):
    run.start()
    before = run.folder.best.read_bytes()
    for file in (run.folder.last, run.folder.previous):
        file.unlink()
    with pytest.raises(CheckpointError, match=r"last\.safetensors: missing; restore it, or start a new run"):
        run.resume(strict=strict)
    run.folder.metrics.unlink()
    with pytest.raises(CheckpointError, match="missing"):
        run.resume(strict=strict)
    assert run.folder.best.read_bytes() == before


def test_before_its_first_checkpoint_a_run_still_has_its_own_settings(run):
    run.start(stop=2)
    for file in (run.folder.last, run.folder.previous):
        file.unlink(missing_ok=True)
    run.folder.config.write_text(to_yaml(run.make().config), encoding="utf-8")
    with pytest.raises(RunError, match=r"trained with a different optimizer\.name \('adam', not 'sgd'\)"):
        run.resume(optimizer={"name": "sgd"})


def test_epochs_without_their_line_are_remarked_on(run):
    run.start(stop=6)
    done = len(list(metrics.read(run.folder.metrics)))
    run.folder.metrics.unlink()
    assert run.resume() == [f"warning: {run.folder.metrics}: metrics for only 0 of {done} completed epochs"]


def test_the_manifest_counts_all_parts_of_a_run(run):
    run.start(stop=6)
    first = manifest.read(run.folder.manifest)
    run.resume()
    second = manifest.read(run.folder.manifest)
    assert second.started == first.started
    assert second.seconds > first.seconds
    assert (second.status, second.command) == ("completed", ["nncli", "again"])


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seed": 6}, "seed (5, not 6)"),
        ({"optimizer": {"name": "sgd"}}, "optimizer.name ('adam', not 'sgd')"),
        ({"model": {"layers": [{"units": 13}, {"units": 10}]}}, "model.layers[0].units (12, not 13)"),
        ({"model": {"layers": [{"units": 10}]}}, "model.layers"),
        (
            {"data": {"batch_size": 65}, "clip_norm": 1.0},
            "data.batch_size (64, not 65) and a different clip_norm (null, not 1.0)",
        ),
        ({"training": {"evaluate_every": 2}}, "training.evaluate_every (1, not 2)"),
        ({"training": {"early_stopping": {"patience": 3}}}, "training.early_stopping (null, not a mapping)"),
    ],
)
def test_other_settings_are_refused_by_name_and_leave_the_run_alone(changes, named, run):
    run.start(stop=6)
    expected = run.outcome()
    with pytest.raises(
        RunError, match=f"a different {re.escape(named)}; keep the original values?, or start a new run"
    ):
        run.resume(**changes)
    assert run.outcome() == expected
    assert manifest.read(run.folder.manifest).status == "interrupted"


@pytest.mark.parametrize(
    "changes", [{"schedule": {"name": "cosine"}}, {"training": {"average_weights": 1, "epochs": 3}}]
)
def test_other_epochs_are_refused_where_the_steps_so_far_depend_on_them(changes, run):
    run.start(stop=6, **changes)
    with pytest.raises(RunError, match=r"a different training\.epochs"):
        run.resume(**{**changes, "training": {**changes.get("training", {}), "epochs": 5}})


def test_other_data_is_refused(run):
    run.start(stop=6)
    with pytest.raises(
        RunError, match=r"trained on different data \(idx, now mnist; changed: train-images\); .*--data-dir"
    ):
        run.resume(trained_on=Data(name="mnist", sha256={"train-images": "cd"}))


def test_a_damaged_checkpoint_is_replaced_by_the_one_before_and_that_is_said(make_run):
    whole, run = make_run("whole"), make_run("damaged")
    whole.start()
    run.start(stop=6)
    run.folder.last.write_bytes(run.folder.last.read_bytes()[:-1])
    (remark,) = run.resume()
    assert str(run.folder.last) in remark
    assert f"resuming from {run.folder.previous}" in remark
    assert run.outcome() == whole.outcome()


def test_damaged_again_and_again_there_is_always_one_before(make_run):
    whole, run = make_run("whole"), make_run("damaged")
    whole.start()
    run.start(stop=6)
    for _ in range(3):
        run.folder.last.write_bytes(run.folder.last.read_bytes()[:-1])
        run.resume()
        assert run.outcome() == whole.outcome()
        last, before = (
            checkpoint.load(file).state["progress"]["step"] for file in (run.folder.last, run.folder.previous)
        )
        assert before < last


def test_a_last_checkpoint_that_is_gone_is_replaced_by_the_one_before_and_that_is_said(make_run):
    whole, run = make_run("whole"), make_run("gone")
    whole.start()
    run.start(stop=6)
    run.folder.last.unlink()
    (remark,) = run.resume()
    assert f"resuming from {run.folder.previous}" in remark
    assert run.outcome() == whole.outcome()


@pytest.mark.parametrize("spoil", [lambda last: last.write_bytes(last.read_bytes()[:-1]), lambda last: last.unlink()])
def test_strict_does_not_go_back_to_the_checkpoint_before(spoil, run):
    run.start(stop=6)
    spoil(run.folder.last)
    before = {path: path.read_bytes() for path in run.folder.checkpoints.iterdir()}
    with pytest.raises(CheckpointError, match=r"last\.safetensors: "):
        run.resume(strict=True)
    assert {path: path.read_bytes() for path in run.folder.checkpoints.iterdir()} == before


def test_strict_goes_on_from_a_whole_checkpoint(make_run):
    whole, run = make_run("whole"), make_run("stopped")
    whole.start()
    run.start(stop=6)
    assert run.resume(strict=True) == []
    assert run.outcome() == whole.outcome()


def test_without_a_whole_checkpoint_a_run_is_not_resumed(run):
    run.start(stop=6)
    for file in (run.folder.last, run.folder.previous):
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"last\.safetensors: corrupt"):
        run.resume()


def test_another_environment_is_remarked_on(run, monkeypatch):
    run.start(stop=6)
    monkeypatch.setattr("numpy.__version__", "9.9.9")
    (remark,) = run.resume()
    assert remark.startswith("note: numpy: 9.9.9, was ")


def test_the_epochs_stay_under_every_schedule_that_depends_on_them(monkeypatch):
    monkeypatch.setitem(SCHEDULES, "linear", lambda epoch, *, epochs: 1 - epoch / epochs)
    runs = {
        (name, epochs): {"schedule": {"name": name}, "training": {"epochs": epochs, "average_weights": 0}}
        for name in ("constant", "linear")
        for epochs in (2, 3)
    }
    compare(Path("run"), runs["constant", 2], runs["constant", 3])
    with pytest.raises(RunError, match="on which its linear schedule depends"):
        compare(Path("run"), runs["linear", 2], runs["linear", 3])
