"""Pickles and forged headers given to every command: nothing is executed, and little memory is taken to say no."""

import json
import random
import shutil

import numpy as np
import pytest

from hostile.checkpoints import FORGERIES, HUGE, archives, entry, forged
from hostile.child import assert_refused, run_all
from nncli.errors import CheckpointError
from nncli.runs import checkpoint
from nncli.runs.folder import RunFolder

COMMANDS = {
    "evaluate": lambda run: ("evaluate", run),
    "predict": lambda run: ("predict", run, "a.png"),
    "visualize-features": lambda run: ("visualize-features", run),
    "resume": lambda run: ("train", "small.yaml", "--data-dir", "digits", "--run-dir", run, "--resume"),
}
LITTLE = 100e6  # bytes


@pytest.fixture
def commands(rounds):
    """All commands in the long form, one in the short."""
    return [COMMANDS["evaluate"]] if rounds.short else list(COMMANDS.values())


@pytest.fixture
def trained(nncli, config_file, digits_dir, tmp_path):
    """A run, the digits it was trained on beside it, and a way to copy it with a checkpoint of one's own."""
    config_file(training={"epochs": 1})
    (tmp_path / "digits").symlink_to(digits_dir)
    assert nncli("train", "small.yaml", "--data-dir", "digits", "--run-dir", "run").code == 0

    def plant(number, content):
        folder = RunFolder(shutil.copytree(tmp_path / "run", tmp_path / f"run-{number}"))
        for path in (folder.last, folder.best, folder.previous):
            path.write_bytes(content)
        return folder.path.name

    return plant


def replaced(value, *path):
    def change(kept):
        holder = getattr(kept, path[0])
        for key in path[1:-1]:
            holder = holder[key]
        holder[path[-1]] = value

    return change


FORGED_STATES = {
    "a million units": replaced(1_000_000, "config", "model", "layers", 0, "units"),
    "a huge image": replaced([65_535, 65_535], "state", "shape"),
    "no image": replaced([0, 0], "state", "shape"),
    "a negative image": replaced([-28, -28], "state", "shape"),
    "an image of texts": replaced(["28", "28"], "state", "shape"),
    "a deviation of 0": replaced(0.0, "state", "scaling", "deviation"),
    "a deviation that is a text": replaced("x", "state", "scaling", "deviation"),
    "unknown data": replaced("../../etc", "state", "dataset"),
    "an unknown loss": replaced("hinge", "config", "loss"),
    "a hundred thousand layers": replaced([{"units": 10}] * 50_000, "config", "model", "layers"),
    "a hundred thousand inputs": replaced(["hidden1"] * 60_000, "config", "model", "layers", 1, "inputs"),
    "a hundred thousand keys": replaced({str(i): 0 for i in range(60_000)}, "config", "model"),
    "deep nesting": replaced(json.loads("[" * 900 + "]" * 900), "config", "model", "layers"),
    "no configuration": lambda kept: kept.config.clear(),
    "no state": lambda kept: kept.state.clear(),
    "no tensors": lambda kept: kept.tensors.clear(),
    "other types": lambda kept: kept.tensors.update({k: v.astype(np.float64) for k, v in kept.tensors.items()}),
    "flat tensors": lambda kept: kept.tensors.update({k: v.reshape(-1) for k, v in kept.tensors.items()}),
    "numbers of a thousand digits": replaced(10**4000, "state", "progress", "epoch"),
}


def impossible(path):
    """Give well-formed checkpoints of networks that cannot be, made of the one at a path."""
    for change in FORGED_STATES.values():
        kept = checkpoint.load(path)
        change(kept)
        checkpoint.save(path.with_name("forged"), kept)
        yield path.with_name("forged").read_bytes()


@pytest.mark.long
def test_each_is_refused_in_one_line_and_little_memory(rounds, trained, tmp_path, commands):
    runs = [trained(number, content) for number, content in enumerate([*archives(), *FORGERIES.values()])]
    runs.append(trained("sparse", b""))
    for path in (tmp_path / runs[-1] / "checkpoints").iterdir():
        with path.open("wb") as file:
            file.write(forged({"w": entry([HUGE], 0, 4 * HUGE)}))
            file.truncate(file.tell() + 4 * HUGE)  # a terabyte that is not there
    asked = [command(run) for run in runs for command in commands]
    networks = enumerate(impossible(tmp_path / "run/checkpoints/last.safetensors"))
    runs = [trained(f"network-{number}", content) for number, content in networks]
    asked += [command(run) for run in runs for command in commands if command is not COMMANDS["resume"]]
    answers = run_all(asked, tmp_path, timeout=600)
    assert len(answers) == len(asked)
    for answer in answers:
        assert_refused(answer, 5)
    rounds.count(len(answers))
    rounds.measured("slowest refusal", f"{max(answer.seconds for answer in answers):.2f} s")
    rounds.measured("memory", f"{max(answer.memory for answer in answers) / 1e6:.0f} MB")
    assert max(answer.memory for answer in answers) < LITTLE
    assert not list(tmp_path.rglob("executed"))


STATES = {
    "another step": replaced(1, "state", "progress", "step"),
    "a step before the first": replaced(-1, "state", "progress", "step"),
    "an epoch that is a text": replaced("one", "state", "progress", "epoch"),
    "a best metric that is a text": replaced("0.5", "state", "progress", "best"),
    "no generator": replaced(None, "state", "noise"),
    "another generator": replaced({"bit_generator": "MT19937"}, "state", "noise"),
    "a generator's state of texts": replaced({"bit_generator": "PCG64", "state": "x"}, "state", "noise"),
    "a moment of another shape": replaced(np.ones(1, np.float32), "tensors", "state/optimizer.first_moment"),
    "a progress that is a list": replaced([1, 2], "state", "progress"),
}


@pytest.mark.parametrize("change", STATES.values(), ids=STATES)
def test_a_state_that_no_training_left_is_not_resumed(change, rounds, trained, tmp_path, nncli):
    kept = checkpoint.load(tmp_path / "run/checkpoints/last.safetensors")
    change(kept)
    checkpoint.save(tmp_path / "forged", kept)
    run = trained("state", (tmp_path / "forged").read_bytes())
    ended = nncli(*COMMANDS["resume"](run))
    assert (ended.code, ended.out) == (5, "")
    assert ended.err.startswith(f"error: {run}/checkpoints/last.safetensors: does not match")
    assert len(ended.err.splitlines()) == 1


def test_random_headers(rounds, trained, tmp_path):
    """Entries drawn at random over random bytes, under a right digest: refused, or a file that says what it holds."""
    chance = random.Random(8)
    counts = [0, 1, 2, -1, 1 << 31, 1 << 48, 1 << 63, True, 1.5, None, "1"]
    for _ in rounds(short=200, long=20_000):
        data = chance.randbytes(chance.choice([0, 4, 8, 12]))
        shapes = [[chance.choice(counts) for _ in range(chance.randrange(3))] for _ in range(chance.randrange(3))]
        names = {
            f"w{i}": entry(shape, chance.choice([0, 4, 8]), len(data), chance.choice(["F32", "I64", "F8"]))
            for i, shape in enumerate(shapes)
        }
        (tmp_path / "random").write_bytes(forged(names, data))
        try:
            loaded = checkpoint.load(tmp_path / "random")
        except CheckpointError:
            continue
        assert sum(tensor.nbytes for tensor in loaded.tensors.values()) == len(data)
