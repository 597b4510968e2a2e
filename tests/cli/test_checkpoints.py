"""A run or checkpoint that cannot be used: one clear message, exit 5, nothing written."""

import shutil

import numpy as np
import pytest

from nncli.cli.main import main
from nncli.runs import checkpoint

COMMANDS = (["evaluate"], ["predict"], ["visualize-features"])


def missing(run):
    shutil.rmtree(run)
    return "no such run or checkpoint"


def empty(run):
    shutil.rmtree(run / "checkpoints")
    return "no checkpoint in this folder"


def cut_short(run):
    path = run / "checkpoints" / "best.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    return "corrupt, or not a checkpoint"


def flipped_bit(run):
    path = run / "checkpoints" / "best.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    return "its SHA-256 does not match"


def other_shape(run):
    path = run / "checkpoints" / "best.safetensors"
    kept = checkpoint.load(path)
    kept.tensors["output.weights"] = np.zeros((10, 9), np.float32)
    checkpoint.save(path, kept)
    return "parameter 'output.weights' has shape (10, 9), but the network needs (10, 10)"


def only_last(run):
    (run / "checkpoints" / "best.safetensors").unlink()
    return "no best checkpoint, but there is"


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
@pytest.mark.parametrize("spoil", [missing, empty, cut_short, flipped_bit, other_shape, only_last])
def test_an_unusable_checkpoint_is_one_message_and_exit_5(arguments, spoil, lamp_run, capsys):
    message = spoil(lamp_run)
    before = sorted(lamp_run.rglob("*"))
    pictures = ["a.png"] if arguments == ["predict"] else []
    assert main([*arguments, str(lamp_run), *pictures]) == 5
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith(f"error: {lamp_run}")
    assert message in line
    assert sorted(lamp_run.rglob("*")) == before


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_a_checkpoint_that_is_neither_best_nor_last_is_wrong_usage(arguments, lamp_run, capsys):
    assert main([*arguments, str(lamp_run), "--checkpoint", "first"]) == 2
    assert "first" in capsys.readouterr().err
