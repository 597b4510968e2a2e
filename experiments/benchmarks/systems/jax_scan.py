"""JAX, an epoch as one `lax.scan` over its mini-batches; a shorter last one is a scan of its own."""

import jax
import numpy as np
import numpy.typing as npt

from experiments.benchmarks.examples import SEED, Examples
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems import jax_network
from experiments.benchmarks.systems.jax_network import State


class Trainer:
    """Enters compiled code once an epoch."""

    def __init__(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> None:
        self.batch = row.batch
        self.x, self.y = jax_network.examples_of(examples)
        self.state = jax_network.initial_state(weights, row.optimizer)
        self.rng = np.random.default_rng(SEED)
        step = jax_network.make_step(row.optimizer, row.rate)

        def epoch(state: State, x: jax.Array, y: jax.Array, batches: jax.Array) -> tuple[State, jax.Array]:
            return jax.lax.scan(lambda state, chosen: step(state, x[chosen], y[chosen]), state, batches)

        self.epoch = jax.jit(epoch, donate_argnums=0)

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Take the first steps, in one scan."""
        self.state, losses = self.epoch(self.state, self.x, self.y, batches.astype(np.int32))
        return np.asarray(losses).tolist()

    def train(self, steps: int) -> int:
        """Take the first steps of an epoch."""
        order = self.rng.permutation(len(self.x)).astype(np.int32)[: steps * self.batch]
        whole = len(order) // self.batch * self.batch
        for part in (order[:whole].reshape(-1, self.batch), order[whole:].reshape(1, -1)):
            if part.size:
                self.state, _ = self.epoch(self.state, self.x, self.y, part)
        jax.block_until_ready(self.state)
        return len(order)
