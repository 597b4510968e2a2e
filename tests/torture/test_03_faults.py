"""Every system call of a run folder's writes fails in turn, or is the last one before the process is killed."""

import itertools
import random
import re
import shutil
import signal
import subprocess
from collections import Counter

import pytest

from nncli.errors import CheckpointError
from nncli.runs import checkpoint
from nncli.runs.folder import RunFolder
from nncli.training.loop import Training

WRITING = ["openat", "write", "fsync", "rename", "close", "link", "linkat", "unlink", "mkdir", "ftruncate"]
FAULTS = ["error=ENOSPC", "error=EIO", "error=EDQUOT", "signal=KILL"]
SMALL = {"data": {"batch_size": 48}, "model": {"layers": [{"units": 10}]}, "optimizer": {"name": "momentum"}}


def can_trace():
    try:
        return subprocess.run(["strace", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.fixture
def trace(start, tmp_path):
    """Run nncli under strace, with what is to be injected; give how it ended and the system calls it made."""
    if not can_trace():
        pytest.skip("strace is not installed, or may not trace here: apt-get install strace")

    def run(*arguments, inject=()):
        log = tmp_path / "strace.log"
        options = [f"--inject={each}" for each in inject]
        if not any("signal=" in each for each in inject):
            options.append("--seccomp-bpf")  # three times as fast, but it does not deliver signals
        strace = ["strace", "-f", "-y", "-o", str(log), f"--trace={','.join(WRITING)}", "--signal=none", *options]
        process = start(*arguments, before=strace)
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:  # a fault outside the run folder, in a child process's pipes, say
            process.kill()
            out, err = process.communicate()
        ended = subprocess.CompletedProcess(process.args, process.returncode, out, err)
        return ended, log.read_text(errors="replace").splitlines()

    return run


def calls_within(log, folder):
    """Number the calls of each kind, and give those on files of a folder as (kind, number, line)."""
    counts: Counter[str] = Counter()
    program = log[0].split(maxsplit=1)[0]  # not the programs that it starts
    found = []
    for line in log:
        if match := re.match(rf"{program} +(\w+)\(", line):
            counts[match[1]] += 1
            if f"{folder}/" in line or f"{folder}>" in line or f'{folder}"' in line:
                found.append((match[1], counts[match[1]], line))
    return found


def steps_in(folder):
    """Give the steps that the newest and the second newest whole checkpoint came to."""
    for path in (folder.last, folder.previous):
        try:
            return checkpoint.load(path).state["progress"]["step"]
        except CheckpointError:
            continue
    return None


@pytest.mark.long
def test_a_failing_system_call_leaves_the_old_or_the_new_checkpoint_whole(
    rounds, trace, nncli, monkeypatch, config_file, digits_dir, tmp_path, kept, assert_one_line
):
    path = config_file(**SMALL, training={"epochs": 3})  # of 5 steps each
    arguments = ["train", path, "--data-dir", digits_dir, "--resume", "--run-dir"]
    before, run = tmp_path / "before", tmp_path / "run"
    with monkeypatch.context() as patch:
        interrupt(patch, after=10)
        assert nncli("train", path, "--data-dir", digits_dir, "--run-dir", before).code == 143
    calls: list[tuple[str, int, str]] = []

    def strike(position, fault):
        """Let one call on the run folder fail; where its number has moved (a module was compiled), find it again."""
        nonlocal calls
        for _ in range(5):
            kind, count, line = calls[position]
            fresh(before, run)
            ended, log = trace(*arguments, run, inject=[f"{kind}:{fault}:when={count}"])
            if (kind, count) in {each[:2] for each in calls_within(log, run)}:
                return ended, f"{fault} at {line}\n{ended.stderr}"
            fresh(before, run)
            calls = calls_within(trace(*arguments, run)[1], run)
        return pytest.fail(f"{line} is called at another place every time")

    fresh(before, run)
    ended, log = trace(*arguments, run)
    assert ended.returncode == 0, ended.stderr
    expected, calls = kept(run), calls_within(log, run)
    assert {kind for kind, *_ in calls} >= {"openat", "write", "fsync", "rename", "close", "link", "unlink"}
    plan = list(itertools.product(range(len(calls)), FAULTS))
    random.Random(1).shuffle(plan)
    for number in rounds(short=1, long=len(plan)):
        position, fault = plan[number]
        ended, what = strike(position, fault)
        if fault == "signal=KILL":
            assert ended.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), what
        elif ended.returncode:
            assert_one_line(ended, 5)
        assert steps_in(RunFolder(run)) in (10, 15), what
        again = nncli(*arguments, run)
        assert again.code == 0, what + again.err
        assert kept(run) == expected, what
    rounds.measured("system calls", len(calls))


def interrupt(patch, after):
    """Let SIGTERM arrive in a step."""
    original = Training._step

    def step(training, x, targets):
        if training.progress.step == after - 1:
            signal.raise_signal(signal.SIGTERM)
        return original(training, x, targets)

    patch.setattr(Training, "_step", step)


def fresh(before, run):
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(before, run)
