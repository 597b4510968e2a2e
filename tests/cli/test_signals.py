"""Signals in the middle of a real training: a whole checkpoint, the right exit code, and words that resume it."""

import os
import re
import shlex
import signal
import subprocess
import sys

import numpy as np
import pytest

from nncli.cli import signals
from nncli.cli.boundary import report
from nncli.runs import checkpoint, manifest
from nncli.runs.folder import RunFolder

SLOW = {"data": {"batch_size": 1}, "model": {"layers": [{"units": 12, "dropout_probability": 0.2}, {"units": 10}]}}

HANGING = """
import sys, time
from nncli.cli.main import main
from nncli.training.loop import Training

def step(*given):
    print("stepping", file=sys.stderr, flush=True)
    while True:
        time.sleep(0.01)

Training._step = step
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def start(tmp_path, digits_dir, config_file):
    """Start a training without end in a process of its own, in a folder whose name a shell would take apart."""
    config_file("my digits.yaml", **SLOW, training={"epochs": 100_000})
    arguments = ["train", "my digits.yaml", "--data-dir", str(digits_dir), "--run-dir", "my run's"]
    started = []

    def popen(*program):
        process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            cwd=tmp_path,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield popen
    for process in started:
        process.kill()
        process.communicate()


def wait_for(process, pattern):
    for line in process.stderr:
        if re.match(pattern, line):
            return
    pytest.fail(f"ended with {process.wait()} before it said {pattern!r}")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_a_training_that_can_then_be_resumed(number, code, start, tmp_path, digits_dir, nncli):
    process = start("-m", "nncli")
    wait_for(process, r"epoch +2/")
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    *epochs, last = err.splitlines()
    assert all(line.startswith("epoch ") for line in epochs)
    folder = RunFolder(tmp_path / "my run's")
    progress = checkpoint.load(folder.last).state["progress"]
    where, _, words = last.partition("; resume with: ")
    assert where == f"interrupted after epoch {progress['epoch']}, step {progress['step']:,}"
    assert shlex.split(words) == ["nncli", "train", "--resume", "my run's"]
    assert manifest.read(folder.manifest).status == "interrupted"
    assert_same_end(words, progress["epoch"] + 2, nncli, tmp_path, digits_dir)


def assert_same_end(command, epochs, nncli, tmp_path, digits_dir):
    """Paste the command given, for so many epochs, and compare with a run that was never interrupted."""
    shorter = ["--set", f"training.epochs={epochs}"]
    assert nncli(*shlex.split(command)[1:], *shorter).code == 0
    assert nncli("train", "my digits.yaml", "--data-dir", digits_dir, *shorter, "--run-dir", "whole").code == 0
    for file in ("last.safetensors", "best.safetensors"):
        ends = (checkpoint.load(tmp_path / run / "checkpoints" / file) for run in ("my run's", "whole"))
        resumed, whole = ends
        assert resumed.state == whole.state
        assert resumed.tensors.keys() == whole.tensors.keys()
        assert all(np.array_equal(resumed.tensors[name], whole.tensors[name]) for name in whole.tensors)


def test_a_second_signal_does_not_wait_for_the_step_under_way(start, tmp_path):
    process = start("-c", HANGING)
    wait_for(process, "stepping")
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 143
    assert err == "interrupted\n"
    assert manifest.read(tmp_path / "my run's" / "manifest.json").status == "interrupted"


def test_the_first_signal_is_noted_and_the_second_raised():
    asked = []
    before = signal.getsignal(signal.SIGTERM)
    with signals.deferred(lambda: asked.append("stop")) as arrived:
        signal.raise_signal(signal.SIGTERM)
        assert (asked, arrived) == (["stop"], [signal.SIGTERM])
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_remembers_its_signal(number, code):
    error = signals.interruption(number, "stopped; resume it")
    assert (str(error), report(error)) == ("stopped; resume it", code)


def test_a_signal_that_was_ignored_stays_ignored_while_deferred():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with signals.deferred(lambda: pytest.fail("stopped")) as arrived:
            signal.raise_signal(signal.SIGINT)
        assert arrived == []
    finally:
        signal.signal(signal.SIGINT, before)
