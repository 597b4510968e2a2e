"""What the command tests share: runs whose weights are set by hand, so that every result is known."""

import dataclasses
import struct
from dataclasses import asdict

import numpy as np
import pytest

from nncli.config.load import from_mapping, to_mapping
from nncli.runs.checkpoint import Checkpoint, save
from nncli.runs.folder import RunFolder
from nncli.training.loop import Progress


@pytest.fixture
def make_run(tmp_path):
    """Write a run folder with one checkpoint as best and last, and give its path."""

    def make(name, tensors, shape, config, dataset):
        state = {
            "dataset": dataset,
            "shape": list(shape),
            "scaling": {"mean": 0.0, "deviation": 255.0},
            "progress": asdict(Progress(3, 30, 0.0, 0, None, 0, None, 0)),
        }
        folder = RunFolder(tmp_path / name)
        folder.checkpoints.mkdir(parents=True)
        for file in (folder.best, folder.last):
            save(file, Checkpoint(tensors, to_mapping(from_mapping(config)), state))
        return folder.path

    return make


def write_idx(path, array):
    path.write_bytes(struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes())


@pytest.fixture
def lamps(tmp_path):
    """A folder of IDX files: images of 2x5 pixels, of which the one of the class's number is lit.

    The first test label is wrong: its image shows a 0 and its label is 1.
    """
    folder = tmp_path / "lamps"
    folder.mkdir()
    for prefix, examples in (("train", 60), ("t10k", 20)):
        labels = np.resize(np.arange(10, dtype=np.uint8), examples)
        images = (255 * np.eye(10, dtype=np.uint8)[labels]).reshape(-1, 2, 5)
        if prefix == "t10k":
            labels[0] = 1
        write_idx(folder / f"{prefix}-images-idx3-ubyte", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte", labels)
    return folder


@pytest.fixture
def lamp_run(make_run, lamps):
    """A run that reads the lit pixel: each logit is 4 for its own pixel and 0 for the others."""
    tensors = {"output.weights": 4 * np.eye(10, dtype=np.float32), "output.bias": np.zeros(10, np.float32)}
    config = {
        "name": "lamps",
        "data": {"name": "idx", "dir": str(lamps), "validation": 20},
        "model": {"layers": [{"units": 10}]},
    }
    return make_run("run", tensors, (2, 5), config, "idx")


@pytest.fixture
def threes(make_run):
    """A run that sees a 3 in every picture of 28x28, with probability e² / (e² + 9)."""
    bias = np.zeros(10, np.float32)
    bias[3] = 2
    tensors = {"output.weights": np.zeros((10, 784), np.float32), "output.bias": bias}
    return make_run("threes", tensors, (28, 28), {"model": {"layers": [{"units": 10}]}}, "mnist")


@pytest.fixture
def few_drawn_digits(monkeypatch, digits):
    """Let synthetic-digits be the few digits of the tests: the many take seconds to draw."""
    few = {split: dataclasses.replace(data, name="synthetic-digits") for split, data in digits.items()}
    monkeypatch.setattr("nncli.data.load._generate", few.__getitem__)
    return few
