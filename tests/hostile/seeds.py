"""Files that are right, for a fuzzer to begin with."""

import dataclasses
import gzip
import struct
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from hostile.checkpoints import FORGERIES
from hostile.pictures import GREY, saved
from nncli.config.load import from_mapping, to_mapping, to_yaml
from nncli.config.template import starter
from nncli.runs.checkpoint import Checkpoint, save
from nncli.training.loop import Progress

ONE_LAYER = {"model": {"layers": [{"units": 10}]}}


def _yaml():
    layers = [
        {"units": 5, "initializer": {"name": "normal", "scale": 0.1}},
        {"units": 10, "inputs": ["hidden1", "input"]},
    ]
    sections = {"optimizer": {"name": "nesterov"}, "schedule": {"name": "step", "every": 3}, "clip_norm": 1.5}
    yield starter().encode()
    yield to_yaml(from_mapping({"model": {"layers": layers}, **sections})).encode()
    yield b"model: {layers: [{units: 10, activation: tanh}]}\nseed: 0x1F\n"


def _idx():
    images = struct.pack(">HBBIII", 0, 8, 3, 2, 4, 4) + bytes(range(32))
    yield from (images, gzip.compress(images), struct.pack(">HBBI", 0, 8, 1, 3) + bytes(3))


def _checkpoints():
    tensors = {"output.weights": np.eye(10, 4, dtype=np.float32), "output.bias": np.zeros(10, np.float32)}
    state = {
        "dataset": "mnist",
        "shape": [2, 2],
        "scaling": {"mean": 0.0, "deviation": 255.0},
        "progress": dataclasses.asdict(Progress(1, 1, 0.0, 0, None, 0, None, 0)),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed"
        save(path, Checkpoint(tensors, to_mapping(from_mapping(ONE_LAYER)), state))
        yield path.read_bytes()
    yield from (content for content in FORGERIES.values() if len(content) < 4_096)


def _pictures():
    small = GREY.resize((12, 16))
    modes = {
        "png": ("1", "L", "P", "RGBA", "LA", "I;16"),
        "tiff": ("L", "F", "CMYK"),
        "gif": ("P",),
        "jpeg": ("L", "CMYK"),
    }
    for format_, names in {**modes, "bmp": ("RGB",), "webp": ("RGBA",)}.items():
        for mode in names:
            deep = Image.fromarray(np.asarray(small).astype(np.uint16) * 257)
            yield saved(deep if mode == "I;16" else small.convert(mode), format_)


SEEDS = {"yaml": _yaml, "idx": _idx, "checkpoint": _checkpoints, "picture": _pictures}
