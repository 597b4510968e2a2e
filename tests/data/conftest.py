"""What the data tests share: the real MNIST, IDX files made to measure."""

import gzip
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hostile.server import server

__all__ = ["server"]


@pytest.fixture(scope="session")
def mnist_dir() -> Path:
    folder = os.environ.get("NNCLI_DATA_DIR")
    if not folder:
        pytest.skip("NNCLI_DATA_DIR does not name a folder with MNIST")
    return Path(folder)


def idx_bytes(array: np.ndarray) -> bytes:
    """Return the IDX file of an array of bytes."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def idx() -> Callable[[np.ndarray], bytes]:
    return idx_bytes


@pytest.fixture
def idx_folder(tmp_path: Path) -> Path:
    """A folder with the four files of a small dataset, some compressed and some plain."""
    generator = np.random.default_rng(7)
    folder = tmp_path / "own digits"
    folder.mkdir()
    for prefix, examples in (("train", 60), ("t10k", 20)):
        images = generator.integers(0, 256, (examples, 28, 28), np.uint8)
        labels = np.resize(np.arange(10, dtype=np.uint8), examples)
        (folder / f"{prefix}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx_bytes(images)))
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return folder
