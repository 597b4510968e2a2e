"""The limit: the matrix products of a training step alone, which no trainer with this BLAS can beat."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.linalg.blas import sgemm

from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row
from nncli.engine import blas

Floats = npt.NDArray[np.float32]

NEGLIGIBLE = -1e-9
"""The factor of what is added to the weights, so small that they do not change."""

TRIALS, TRIAL_SECONDS = 3, 0.1


class Trainer:
    """Repeats the products on warm arrays, on one thread or on all, whichever is faster when it starts."""

    def __init__(self, row: Row, examples: Examples, weights: list[Floats]) -> None:
        self.batch = row.batch
        self.products = step_products(row, weights)
        self.one_thread = self._faster_on_one()

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Return no losses: nothing is learned here."""
        return []

    def train(self, steps: int) -> int:
        """Compute the products of these steps; every mini-batch counts as a full one."""
        with blas.threads(1 if self.one_thread else None):
            for _ in range(steps):
                for product in self.products:
                    product()
        return steps * self.batch

    def _faster_on_one(self) -> bool:
        times: dict[bool, list[float]] = {False: [], True: []}
        for self.one_thread in [False, True] * TRIALS:
            times[self.one_thread].append(self._seconds_a_step())
        return min(times[True]) < min(times[False])

    def _seconds_a_step(self) -> float:
        began, steps = time.perf_counter(), 0
        while time.perf_counter() < began + TRIAL_SECONDS:
            self.train(2)
            steps += 2
        return (time.perf_counter() - began) / steps


def step_products(row: Row, weights: list[Floats]) -> list[Callable[[], object]]:
    """Return the products of a step in order: W x of each layer, then x̄ and W̄ of each, but no x̄ of the input."""
    rng = np.random.default_rng(0)
    W = [initial.copy() for initial in weights]  # (outputs, inputs)
    x = [rng.random((row.batch, row.sizes[0]), np.float32).T]  # (units, batch), the input as nncli fetches it
    x += [np.empty((units, row.batch), np.float32) for units in row.sizes[1:]]
    d = [np.empty((units, row.batch), np.float32) for units in row.sizes]
    d[-1][...] = rng.random(d[-1].shape, np.float32)
    products = [product(W[i], x[i], x[i + 1]) for i in range(len(W))]
    for i in reversed(range(len(W))):
        if i:
            products.append(product(W[i].T, d[i + 1], d[i]))
        products.append(product(d[i + 1], x[i].T, W[i], keep=1.0, scale=NEGLIGIBLE))
    return products


def product(A: Floats, B: Floats, C: Floats, keep: float = 0.0, scale: float = 1.0) -> Callable[[], object]:
    """Return a function that computes C ← keep C + scale A B, with the call that `nncli.engine.blas.matmul` makes."""
    b, flip_b = (B.T, 0) if B.flags.c_contiguous else (B, 1)
    a, flip_a = (A.T, 0) if A.flags.c_contiguous else (A, 1)
    return partial(sgemm, scale, b, a, keep, C.T, flip_b, flip_a, 1)
