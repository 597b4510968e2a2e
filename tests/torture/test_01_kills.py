"""kill -9 at random moments of a training that writes all the time: what it acknowledged is there, whole."""

import random
import re
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest

from nncli import durable
from nncli.runs import checkpoint, manifest, metrics
from nncli.runs.folder import RunFolder

BUSY = {"data": {"batch_size": 48}, "training": {"epochs": 1_000_000, "checkpoint_every_steps": 1}}  # 5 steps an epoch


def acknowledged(lines):
    """Give the last epoch that the training said was done; a killed process leaves its last line torn."""
    epochs = re.findall(r"^epoch +(\d+)/.*\n", "".join(lines), re.MULTILINE)
    return int(epochs[-1]) if epochs else 0


def kill_at(process, moment, *, after_epoch):
    """Kill a training some seconds after it began, or after it has finished its first epoch; give what it said."""
    lines, epoch_done = [], threading.Event()

    def read():
        for line in process.stderr:
            lines.append(line)
            if line.startswith("epoch "):
                epoch_done.set()
        epoch_done.set()

    reader = threading.Thread(target=read)
    reader.start()
    if after_epoch:
        epoch_done.wait(60)
    time.sleep(moment)
    process.kill()
    process.wait()
    reader.join()
    return lines


def leftovers(folder):
    places = [place for place in (folder.path, folder.checkpoints) if place.exists()]
    return {file for place in places for file in place.iterdir() if durable.is_temporary(file)}


def test_no_acknowledged_checkpoint_is_lost(rounds, start, config_file, digits_dir, tmp_path):
    config_file(**BUSY)
    folder, chance = RunFolder(tmp_path / "run"), random.Random(1)
    step, cleaned = 0, 0
    stale: set[Path] = set()
    for number in rounds(short=2, long=300):
        resume = ["--resume"] if folder.manifest.exists() else []
        process = start("train", "small.yaml", "--data-dir", digits_dir, "--run-dir", "run", *resume)
        late = number % 3 > 0
        lines = kill_at(process, chance.uniform(0, 0.5 if late else 1.5), after_epoch=late)
        assert not any(line.startswith(("error", "Traceback")) for line in lines), lines
        if acknowledged(lines):
            assert not leftovers(folder) & stale
            cleaned += len(stale)
        stale = leftovers(folder)
        if folder.last.exists():
            progress = checkpoint.load(folder.last).state["progress"]
            assert progress["epoch"] >= acknowledged(lines)
            assert progress["step"] >= step
            step = progress["step"]
            epochs = [line.epoch for line in metrics.read(folder.metrics)]
            assert epochs == [*range(1, len(epochs) + 1)]
            assert len(epochs) >= progress["epoch"]
        for path in (folder.previous, folder.best):
            if path.exists():
                checkpoint.load(path)
        if folder.manifest.exists():
            assert manifest.read(folder.manifest).status == "running"
    assert step > 0
    rounds.measured("leftover files removed", cleaned)
    rounds.measured("steps trained", step)


DYING = """
import os, signal, sys
from nncli.cli.main import main

at, run, done = int(sys.argv[1]), sys.argv[2], 0

def dying(event, given):
    global done
    if event in ("open", "os.mkdir", "os.rename", "os.link", "os.remove") and str(given[0]).startswith(run):
        done += 1
        if done == at:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(dying)
code = main(sys.argv[3:])
print(done)
sys.exit(code)
"""


@pytest.mark.long
@pytest.mark.parametrize("before", ["nothing", "a run to replace"])
def test_a_run_killed_at_any_moment_of_its_making_is_replaced_and_resumed(
    before, rounds, finish, nncli, config_file, digits_dir, tmp_path, kept
):
    train = ["train", config_file(training={"epochs": 1}), "--data-dir", digits_dir, "--run-dir"]
    whole, run = tmp_path / "whole", tmp_path / "run"
    assert nncli(*train, whole).code == 0
    shutil.copytree(whole, tmp_path / "kept")
    (tmp_path / "kept/notes.txt").write_text("mine")

    def killed(moment):
        shutil.rmtree(run, ignore_errors=True)
        if before != "nothing":
            shutil.copytree(tmp_path / "kept", run)
        same = {"PYTHONHASHSEED": "0"}  # the order of a set decides which files are looked at
        return finish(moment, run, *train, run, "--force", program=("-c", DYING), environment=same)

    moments = 10 if rounds.short else int(killed(0).stdout.splitlines()[-1])
    order = random.Random(5).sample(range(1, moments + 1), moments)
    for number in rounds(short=1, long=moments):
        assert killed(order[number]).returncode == -signal.SIGKILL
        resume = ["--resume"] if RunFolder(run).manifest.exists() else []
        for options in (resume, ["--force"]):
            ended = nncli(*train, run, *options)
            assert ended.code == 0, f"{options} after {order[number]} of {moments}: {ended.err}"
            assert kept(run) == kept(whole)
    rounds.measured("kills", moments)
