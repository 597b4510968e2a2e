"""A large matrix product, which shows the peak of the machine."""

import numpy as np
import numpy.typing as npt

from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row

SIZE = 2048
PRODUCTS = 4
OPERATIONS = 2 * SIZE**3
"""Floating-point operations of one product."""


class Trainer:
    """Multiplies square float32 matrices."""

    def __init__(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> None:
        rng = np.random.default_rng(0)
        self.A, self.B = (rng.random((SIZE, SIZE), np.float32) for _ in range(2))
        self.C = np.empty_like(self.A)

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Return no losses: nothing is learned here."""
        return []

    def train(self, steps: int) -> int:
        """Return the number of products, which is the same for every row."""
        for _ in range(PRODUCTS):
            np.matmul(self.A, self.B, out=self.C)
        return PRODUCTS
