"""What every system is given: the same examples, the same initial weights, the same first mini-batches."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from experiments.benchmarks.rows import Row
from nncli.data import synthetic
from nncli.data.load import load
from nncli.errors import DataError
from nncli.randomness import generator

EXAMPLES = 50_000
SEED = 1

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Examples:
    """Images uint8 (examples, 28, 28) and labels uint8 (examples,), as they lie in memory."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]

    def numbers(self) -> Floats:
        """Give the images as float32 (examples, pixels) from 0 to 1, the form that the peers hold in memory."""
        return self.images.reshape(len(self.images), -1).astype(np.float32) / np.float32(255)


def mnist(split: str, directory: Path | None) -> Examples:
    """Read MNIST from a folder, the cache or its mirrors.

    Raises:
        DataError: it cannot be had.
    """
    data = load("mnist", split, directory=directory)
    return Examples(data.images, data.labels)


def training_examples(directory: Path | None) -> tuple[Examples, str]:
    """Give 50,000 examples, of MNIST or else drawn, and the name of the data: speed does not depend on which."""
    try:
        data = mnist("train", directory)
        return Examples(data.images[:EXAMPLES], data.labels[:EXAMPLES]), "MNIST"
    except DataError as error:
        print(f"MNIST cannot be had ({error}); the throughput is measured on drawn digits")
        return Examples(*synthetic.generate(EXAMPLES, SEED)), "synthetic-digits"


def initial_weights(row: Row) -> list[Floats]:
    """Draw each layer's weights (outputs, inputs) as He et al. (ICCV 2015) do; biases begin at 0."""
    rng = np.random.default_rng(SEED)
    return [
        rng.normal(0, (2 / inputs) ** 0.5, (outputs, inputs)).astype(np.float32)
        for inputs, outputs in pairwise(row.sizes)
    ]


def first_batches(row: Row, examples: int, count: int) -> npt.NDArray[np.int64]:
    """Give the indices (count, batch) of the first mini-batches that nncli takes of its first epoch."""
    order = generator(SEED, "order", 0).permutation(examples)
    return order[: count * row.batch].reshape(count, row.batch)
