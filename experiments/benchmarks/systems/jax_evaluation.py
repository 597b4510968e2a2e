"""JAX's evaluation: one jitted function over all batches, with the data on the device as float32."""

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems import jax_network


class Trainer:
    """Evaluates all examples; nothing is trained."""

    def __init__(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> None:
        x, y = jax_network.examples_of(examples)
        self.examples = len(y)
        self.x, self.y = x.reshape(-1, row.batch, x.shape[1]), y.reshape(-1, row.batch)
        self.parameters = jax_network.initial_state(weights, row.optimizer)["parameters"]
        self.evaluate = jax.jit(loss_and_error)

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Return the loss and the error, to compare the systems."""
        return [float(each) for each in self.evaluate(self.parameters, self.x, self.y)]

    def train(self, steps: int) -> int:
        """Evaluate once, and return the number of examples seen."""
        jax.block_until_ready(self.evaluate(self.parameters, self.x, self.y))
        return self.examples


def loss_and_error(layers: jax_network.Layers, x: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the mean loss and the error of batches x (batches, batch, pixels)."""

    def of_batch(batch: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        logits = jax_network.outputs(layers, batch[0])
        return jax_network.cross_entropy(logits, batch[1]), jnp.mean(logits.argmax(axis=1) != batch[1])

    losses, errors = jax.lax.map(of_batch, (x, y))
    return losses.mean(), errors.mean()
