"""What all tests share: a few drawn digits, as arrays and as a folder of files, and small trainings on them."""

import copy
import signal
import struct
from dataclasses import dataclass

import pytest
import yaml
from hypothesis import settings

from nncli import build
from nncli.cli.main import main
from nncli.config.load import from_mapping
from nncli.data import synthetic
from nncli.data.dataset import Dataset, Split

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it in what it starts in the background
settings.register_profile("short", max_examples=40, deadline=None)  # on a busy machine, an example may take a second
settings.load_profile("short")

FILES: dict[Split, tuple[str, int, int]] = {
    "train": ("train", 300, 3),
    "test": ("t10k", 60, 4),
}  # split: prefix, examples, seed

SMALL = {
    "seed": 5,
    "data": {"name": "idx", "validation": 60, "batch_size": 64},  # 240 to train on: the last batch is short
    "model": {"layers": [{"units": 12}, {"units": 10}]},
    "training": {"epochs": 3},
}


def merged(mapping, changes):
    """Give a copy of a nested mapping with changes laid over it."""
    result = copy.deepcopy(mapping)
    for key, value in changes.items():
        nested = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if nested else value
    return result


@pytest.fixture(scope="session")
def digits():
    """A split's name -> its Dataset: 300 digits to train on, 60 to test."""
    drawn = {split: synthetic.generate(count, seed) for split, (_, count, seed) in FILES.items()}
    return {split: Dataset("idx", split, *arrays, {"drawn": split}, "drawn") for split, arrays in drawn.items()}


@pytest.fixture(scope="session")
def digits_dir(digits, tmp_path_factory):
    """The same digits as a folder of IDX files, for `data.name: idx`."""
    folder = tmp_path_factory.mktemp("drawn digits")
    for split, (prefix, *_) in FILES.items():
        for kind, array in (("images-idx3", digits[split].images), ("labels-idx1", digits[split].labels)):
            header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
            (folder / f"{prefix}-{kind}-ubyte").write_bytes(header + array.tobytes())
    return folder


@pytest.fixture(scope="session")
def configuration():
    """Make the configuration of a small training with changes laid over it."""
    return lambda **changes: from_mapping({"name": "small", **merged(SMALL, changes)})


@pytest.fixture(scope="session")
def small_training(digits, configuration):
    """Make a small training on the drawn digits, with changes laid over its configuration."""
    return lambda **changes: build.training(configuration(**changes), digits["train"])


@pytest.fixture
def config_file(tmp_path):
    """Write the configuration of a small training, with changes laid over it, to a file."""

    def write(name="small.yaml", **changes):
        path = tmp_path / name
        path.write_text(yaml.safe_dump(merged(SMALL, changes)), encoding="utf-8")
        return path

    return write


@pytest.fixture(autouse=True)
def without_syncing(monkeypatch):
    """Leave out the wait for the disk: a busy one takes longer for that than a small training."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def nncli(tmp_path, monkeypatch, capsys):
    """Run a command in this process, in an empty folder, with no data but what its arguments name."""
    for variable in ("NNCLI_DATA_DIR", "NNCLI_OFFLINE", "NNCLI_THREADS"):
        monkeypatch.delenv(variable, raising=False)
    for kind in ("CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr())

    return run
