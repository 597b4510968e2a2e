"""The examples, initial weights and first mini-batches, which are the same for every system."""

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
    """Images uint8 (examples, 28, 28) and labels uint8 (examples,)."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]

    def numbers(self) -> Floats:
        """Return the images as float32 (examples, pixels) from 0 to 1, as the peers keep them in memory."""
        return self.images.reshape(len(self.images), -1).astype(np.float32) / np.float32(255)


def mnist(split: str, directory: Path | None) -> Examples:
    """Read MNIST from a folder, the cache or its mirrors.

    Raises:
        DataError: it is not available.
    """
    data = load("mnist", split, directory=directory)
    return Examples(data.images, data.labels)


def training_examples(directory: Path | None) -> tuple[Examples, str]:
    """Return 50,000 examples and the name of their dataset: MNIST, or generated digits if it is not available."""
    try:
        data = mnist("train", directory)
        return Examples(data.images[:EXAMPLES], data.labels[:EXAMPLES]), "MNIST"
    except DataError as error:
        print(f"MNIST is not available ({error}); the throughput is measured on generated digits")
        return Examples(*synthetic.generate(EXAMPLES, SEED)), "synthetic-digits"


def initial_weights(row: Row) -> list[Floats]:
    """Return the weights (outputs, inputs) of each layer, drawn as in He et al. (ICCV 2015); biases start at 0."""
    rng = np.random.default_rng(SEED)
    return [
        rng.normal(0, (2 / inputs) ** 0.5, (outputs, inputs)).astype(np.float32)
        for inputs, outputs in pairwise(row.sizes)
    ]


def first_batches(row: Row, examples: int, count: int) -> npt.NDArray[np.int64]:
    """Return the indices (count, batch) of the first mini-batches of nncli's first epoch."""
    order = generator(SEED, "order", 0).permutation(examples)
    return order[: count * row.batch].reshape(count, row.batch)
