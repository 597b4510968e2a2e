"""After a kill, and from every single step, --resume ends with the bytes of a run that was never interrupted."""

import random
import signal
import time
from subprocess import DEVNULL, TimeoutExpired
from typing import Any

import pytest

from nncli.training.loop import Training

DROPOUT = {"input_dropout_probability": 0.1, "layers": [{"units": 12, "dropout_probability": 0.3}, {"units": 10}]}

VARIANTS: dict[str, dict[str, Any]] = {
    "momentum, averaging": {
        "model": DROPOUT,
        "optimizer": {"name": "momentum", "learning_rate": 0.02},
        "regularization": {"max_norm": 1.0, "l2": 0.001},
        "clip_norm": 1.0,
        "schedule": {"name": "cosine", "warmup_epochs": 1.5},
        "training": {"average_weights": 3, "evaluate_every": 2},
    },
    "Adam, early stopping": {
        "model": DROPOUT,
        "optimizer": {"name": "adam"},
        "training": {"early_stopping": {"metric": "validation_loss", "patience": 6}},
    },
}
KILLED = """
import os, signal, sys
from nncli.cli.main import main
from nncli.training.loop import Training

at, step = int(sys.argv[1]), Training._step

def dying(training, x, targets):
    if training.progress.step == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return step(training, x, targets)

Training._step = dying
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.long
def test_killed_at_random_moments_a_run_ends_as_if_it_had_not_been(
    rounds, start, finish, config_file, digits_dir, tmp_path, kept
):
    wholes = {}
    chance, kills = random.Random(2), 0
    for number in rounds(short=1, long=50):
        name = list(VARIANTS)[number % 2]
        training = VARIANTS[name]["training"] | {"epochs": 20, "checkpoint_every_steps": 7}
        path = config_file(**VARIANTS[name] | {"data": {"batch_size": 6}, "training": training})
        arguments = ["train", path, "--data-dir", digits_dir, "--run-dir"]
        if name not in wholes:
            began = time.perf_counter()
            assert finish(*arguments, name).returncode == 0
            wholes[name] = time.perf_counter() - began, kept(tmp_path / name)
        seconds, expected = wholes[name]
        run = tmp_path / f"killed {number}"
        resume: list[str] = []
        code = None
        for share in (chance.uniform(0.3, 1), chance.uniform(0.3, 1), 100):
            process = start(*arguments, run, *resume, stdout=DEVNULL, stderr=DEVNULL)
            try:
                code = process.wait(share * seconds)
            except TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
            resume = ["--resume"] if (run / "manifest.json").exists() else []
        assert code == 0
        assert kept(run) == expected
    rounds.measured("kills", kills)


STEPS = {"data": {"batch_size": 10, "validation": 50}}  # 25 steps an epoch: 200 in eight


@pytest.mark.parametrize(
    ("name", "hows"),
    [*zip(VARIANTS, [("killed", "interrupted"), ("interrupted", "killed")], strict=True)],
    ids=VARIANTS,
)
def test_from_every_single_step_a_run_ends_as_if_it_had_not_stopped(
    name, hows, rounds, finish, config_file, digits_dir, tmp_path, kept, nncli, monkeypatch
):
    changes = VARIANTS[name]
    path = config_file(
        **changes | STEPS | {"training": changes["training"] | {"epochs": 8, "checkpoint_every_steps": 1}}
    )
    arguments = ["train", path, "--data-dir", digits_dir, "--run-dir"]
    assert nncli(*arguments, tmp_path / "whole").code == 0
    expected = kept(tmp_path / "whole")
    chosen = random.Random(name).sample(range(1, 200), 199)
    edges = [25, 24, 26, 175, 199, 176]
    steps = [*edges, *(step for step in chosen if step not in edges)]
    plan = [(step, how) for step in steps for how in hows]
    for number in rounds(short=1, long=len(plan)):
        step, how = plan[number]
        run = tmp_path / f"{how} at {step}"
        if how == "killed":
            ended = finish(step, *arguments, run, program=("-c", KILLED))
            assert ended.returncode == -signal.SIGKILL, ended.stderr
        else:
            with monkeypatch.context() as patch:
                interrupt(patch, step)
                assert nncli(*arguments, run).code == 143
        assert nncli(*arguments, run, "--resume").code == 0
        assert kept(run) == expected, f"{how} at step {step}"


def interrupt(patch, at):
    """Let SIGTERM arrive in the middle of a step."""
    original = Training._step

    def step(training, x, targets):
        if training.progress.step == at - 1:
            signal.raise_signal(signal.SIGTERM)
        return original(training, x, targets)

    patch.setattr(Training, "_step", step)
