"""JAX, one jitted step for each mini-batch; the examples stay on the device, and the state is donated."""

import jax
import numpy as np
import numpy.typing as npt

from experiments.benchmarks.examples import SEED, Examples
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems import jax_network


class Trainer:
    """Passes the indices of its examples to each step, and waits for the last step only."""

    def __init__(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> None:
        self.batch = row.batch
        self.x, self.y = jax_network.examples_of(examples)
        self.state = jax_network.initial_state(weights, row.optimizer)
        self.rng = np.random.default_rng(SEED)
        step = jax_network.make_step(row.optimizer, row.rate)
        self.step = jax.jit(lambda state, x, y, chosen: step(state, x[chosen], y[chosen]), donate_argnums=0)

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Take the first steps."""
        losses = []
        for chosen in batches:
            self.state, loss = self.step(self.state, self.x, self.y, chosen.astype(np.int32))
            losses.append(float(loss))
        return losses

    def train(self, steps: int) -> int:
        """Take the first steps of an epoch."""
        order = self.rng.permutation(len(self.x)).astype(np.int32)[: steps * self.batch]
        for first in range(0, len(order), self.batch):
            chosen = order[first : first + self.batch]
            self.state, _ = self.step(self.state, self.x, self.y, chosen)
        jax.block_until_ready(self.state)
        return len(order)
