"""Sweeps of real trainings on a real PostgreSQL: workers are killed, the server is restarted, and nothing is lost.

`make sweeps` runs these tests; SWEEPS=long runs them at full length.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from hostile.postgresql import PASSWORD, Server, programs
from nncli.runs import checkpoint, manifest, metrics
from nncli.runs.folder import RunFolder
from nncli.sweep.storage import connect, parse
from nncli.sweep.study import Attempts
from nncli.sweep.summary import load

LONG = os.environ.get("SWEEPS") == "long"
TRIALS, ROUNDS = (200, 20) if LONG else (16, 2)
HEARTBEAT = 1  # a trial is resumed after 6 seconds

pytestmark = [
    pytest.mark.skipif(not os.environ.get("SWEEPS"), reason="takes minutes; run by `make sweeps`"),
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed"),
    pytest.mark.timeout(3600),
]


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.fixture
def commands(tmp_path, digits_dir, monkeypatch):
    """Start sweeps as separate commands; whatever remains of them is killed at the end."""
    monkeypatch.chdir(tmp_path)
    base = {
        "data": {"name": "idx", "dir": str(digits_dir), "validation": 60, "batch_size": 32},
        "model": {"layers": [{"units": 8}, {"units": 10}]},
        "training": {"epochs": 4, "checkpoint_every_steps": 5},
    }
    Path("base.yaml").write_text(yaml.safe_dump(base), encoding="utf-8")
    started: list[subprocess.Popen[str]] = []

    def start(name, url, *options, sampler="random", trials=TRIALS):
        text = f"name: {name}\nbase: base.yaml\nsampler: {sampler}\n"
        text += "" if sampler == "grid" else f"trials: {trials}\n"
        rate, units = "{log: [0.0001, 0.1], points: 3}", "{integers: [4, 64], points: 2}"
        text += f"space:\n  optimizer.learning_rate: {rate}\n  model.layers[0].units: {units}\n"
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "nncli", "sweep", f"{name}.yaml", "--heartbeat", str(HEARTBEAT), *options]
        environment = os.environ | ({"NNCLI_SWEEP_STORAGE": url} if url else {})
        with Path(f"{name}-{len(started)}.log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, text=True, env=environment)
        started.append(process)
        return process

    yield start
    for each in started:
        if each.poll() is None:
            each.send_signal(signal.SIGINT)
    for each in started:
        each.wait(timeout=60)


@pytest.fixture
def study_of():
    """Open a study; its connections are closed at the end."""
    opened = []

    def study(url, name):
        opened.append(connect(parse(url)))
        return load(opened[-1], name)

    yield study
    for each in opened:
        each.close()


def weights(folder):
    """Return the tensors of the last checkpoint, as bytes."""
    return {name: tensor.tobytes() for name, tensor in checkpoint.load(RunFolder(folder).last).tensors.items()}


def check_each_point_was_done_once(study, folder, trials):
    attempts = Attempts(study.get_trials())
    finished = [each for each in attempts.trials if each.state.name == "COMPLETE"]
    assert sorted(attempts.index(each) for each in finished) == list(range(trials))
    assert len({tuple(each.params.values()) for each in finished}) == trials
    for index in range(trials):
        run = RunFolder(folder / f"trial-{index:04d}")
        assert manifest.read(run.manifest).status == "completed"
        assert [each.epoch for each in metrics.read(run.metrics)] == [1, 2, 3, 4]


def wait_for_trials(folder, count):
    """Wait until some trials have begun, which takes long on a busy machine."""
    while len(list(folder.glob("trial-*/manifest.json"))) < count:
        time.sleep(0.1)


def logs(folder):
    return "".join(path.read_text() for path in sorted(folder.glob("*.log")))


def test_workers_that_are_killed_lose_nothing_and_do_nothing_twice(server, commands, study_of, tmp_path):
    chosen, workers = random.Random(7), [commands("killed", server.url(), "--workers", "1") for _ in range(4)]
    wait_for_trials(tmp_path / "runs/killed", 4)
    for _ in range(ROUNDS):
        time.sleep(chosen.uniform(4, 12))
        for index in chosen.sample(range(4), 2):
            workers[index].kill()
            workers[index].wait()
            workers[index] = commands("killed", server.url(), "--workers", "1")
    assert [each.wait(timeout=1800) for each in workers] == [0] * 4
    check_each_point_was_done_once(study_of(server.url(), "killed"), tmp_path / "runs/killed", TRIALS)
    assert PASSWORD not in logs(tmp_path)
    undisturbed = commands("alone", None, "--workers", "1", "--trials", "5")
    assert undisturbed.wait(timeout=600) == 0
    for index in range(5):
        ours, theirs = (tmp_path / "runs" / name / f"trial-{index:04d}" for name in ("alone", "killed"))
        assert weights(ours) == weights(theirs)


def test_workers_wait_for_a_server_that_is_away(server, commands, study_of, tmp_path):
    workers = [commands("away", server.url(), "--workers", "2", trials=10) for _ in range(2)]
    wait_for_trials(tmp_path / "runs/away", 3)
    server.stop()
    time.sleep(60 if LONG else 12)  # longer than six heartbeats
    server.start()
    assert [each.wait(timeout=600) for each in workers] == [0, 0]
    study = study_of(server.url(), "away")
    check_each_point_was_done_once(study, tmp_path / "runs/away", 10)
    assert all(not each.system_attrs.get("failed_trial") for each in study.get_trials())  # none was taken from a worker
    said = logs(tmp_path)
    assert "the database does not answer" in said
    assert "the database answers again" in said
    assert PASSWORD not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("sampler", ["grid", "random", "qmc"])
def test_the_number_of_workers_changes_neither_points_nor_weights(server, commands, study_of, tmp_path, sampler):
    names = [f"{sampler}-1", f"{sampler}-4"]
    for name, workers in zip(names, ("1", "4"), strict=True):
        assert commands(name, server.url(), "--workers", workers, sampler=sampler, trials=6).wait(timeout=600) == 0
    one, four = (Attempts(study_of(server.url(), name).get_trials()).finished(6) for name in names)
    assert {index: each.params for index, each in one.items()} == {index: each.params for index, each in four.items()}
    for index in range(6):
        ours, theirs = (tmp_path / "runs" / name / f"trial-{index:04d}" for name in names)
        assert weights(ours) == weights(theirs)


def test_ctrl_c_stops_in_order_and_the_same_command_continues(server, commands, study_of, tmp_path):
    first = commands("stopped", server.url(), "--workers", "2", trials=6)
    wait_for_trials(tmp_path / "runs/stopped", 2)
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=60) in (0, 130)
    assert commands("stopped", server.url(), "--workers", "2", trials=6).wait(timeout=600) == 0
    check_each_point_was_done_once(study_of(server.url(), "stopped"), tmp_path / "runs/stopped", 6)
    assert PASSWORD not in logs(tmp_path)
    for run in (tmp_path / "runs/stopped").iterdir():
        assert PASSWORD not in (run / "manifest.json").read_text()
