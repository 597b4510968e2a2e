"""A real run's checkpoints damaged in every way: noticed by every command, and `--resume` takes the one before."""

import random

import pytest

from nncli.errors import CheckpointError
from nncli.runs import checkpoint
from nncli.runs.folder import RunFolder


@pytest.fixture
def run(nncli, config_file, digits_dir, tmp_path):
    """A run of a tiny network that was trained for two epochs, and the command that goes on with it."""
    config_file(model={"layers": [{"units": 10}]}, training={"epochs": 2}, optimizer={"name": "sgd"})
    command = ("train", "small.yaml", "--data-dir", digits_dir, "--run-dir", "run")
    assert nncli(*command).code == 0
    return RunFolder(tmp_path / "run"), command


@pytest.fixture
def noticed(tmp_path):
    """Check that a file's content is taken for damaged."""
    path = tmp_path / "damaged.safetensors"

    def check(content):
        path.write_bytes(content)
        with pytest.raises(CheckpointError):
            checkpoint.load(path)

    return check


def test_every_flipped_bit(rounds, run, noticed):
    content = run[0].last.read_bytes()
    bits = 8 * len(content)
    chosen = range(bits) if rounds.whole else random.Random(1).sample(range(bits), 500)
    for bit in chosen:
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        noticed(damaged)
        rounds.count(1)


def test_every_truncation(rounds, run, noticed):
    content = run[0].last.read_bytes()
    step = 1 if rounds.whole else 97
    for length in range(0, len(content), step):
        noticed(content[:length])
        rounds.count(1)


def test_appended_bytes(rounds, run, noticed):
    content = run[0].last.read_bytes()
    for number in rounds(short=20, long=2_000):
        noticed(content + random.Random(number).randbytes(1 + number % 100))


DAMAGES = {
    "a flipped bit": lambda content, chance: _flipped(content, chance.randrange(8 * len(content))),
    "cut short": lambda content, chance: content[: chance.randrange(len(content))],
    "appended": lambda content, chance: content + chance.randbytes(9),
    "a stretch of zeros": lambda content, chance: content[:512] + bytes(512) + content[1024:],
    "of another file": lambda content, chance: chance.randbytes(len(content)),
    "empty": lambda content, chance: b"",
}


def _flipped(content, bit):
    damaged = bytearray(content)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_resume_falls_back_and_says_so_and_strict_refuses(damage, rounds, run, nncli, kept):
    folder, command = run
    expected = kept(folder.path)
    whole = folder.last.read_bytes()
    for number in rounds(short=1, long=20):
        folder.last.write_bytes(damage(whole, random.Random(number)))
        before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
        strict = nncli(*command, "--resume", "--strict")
        assert (strict.code, strict.out) == (5, "")
        assert strict.err.startswith(f"error: {'run/checkpoints/last.safetensors'}: ")
        assert {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()} == before
        ended = nncli(*command, "--resume", "-q")
        assert ended.code == 0
        (warning,) = ended.err.splitlines()
        assert warning.startswith("warning: run/checkpoints/last.safetensors: ")
        assert warning.endswith("resuming from run/checkpoints/previous.safetensors")
        assert kept(folder.path) == expected


@pytest.mark.long
@pytest.mark.parametrize("command", [("evaluate", "run"), ("visualize-features", "run"), ("predict", "run", "a.png")])
def test_every_command_refuses_a_damaged_checkpoint(command, rounds, run, nncli, tmp_path):
    folder, _ = run
    whole = folder.best.read_bytes()
    for number in rounds(short=2, long=50):
        folder.best.write_bytes(_flipped(whole, random.Random(number).randrange(8 * len(whole))))
        ended = nncli(*command)
        assert (ended.code, ended.out) == (5, "")
        assert ended.err.startswith("error: run/checkpoints/best.safetensors: ")
        assert len(ended.err.splitlines()) == 1
