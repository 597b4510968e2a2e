"""What the command tests share: runs whose weights are set by hand, so that every result is known."""

import dataclasses
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
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


class Terminal:
    """A program that believes it is on a terminal of some size."""

    def __init__(self, command, columns, **options):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

        def control():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=control, **options
        )
        os.close(slave)
        self.text = ""

    def read_until(self, pattern, seconds=60):
        """Collect what is printed until it matches, or to the end."""
        deadline = time.monotonic() + seconds
        while not (pattern and re.search(pattern, self.text)):
            ready, _, _ = select.select([self.master], [], [], deadline - time.monotonic())
            assert ready, f"no {pattern!r} in {self.text!r}"
            try:
                piece = os.read(self.master, 65536)
            except OSError:  # the other side is closed
                piece = b""
            if not piece:
                assert not pattern, f"no {pattern!r} in {self.text!r}"
                return
            self.text += piece.decode()

    def write(self, text):
        os.write(self.master, text.encode())

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def open_terminal():
    """Start programs on terminals of their own, and end them after the test."""
    opened = []

    def start(command, columns, **options):
        opened.append(Terminal(command, columns, **options))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()
