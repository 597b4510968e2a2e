"""nncli's evaluation, as at the end of an epoch: mini-batches from bytes, then the forward pass."""

import numpy as np
import numpy.typing as npt

from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems.nncli_loop import configuration
from nncli import build
from nncli.data.batches import Batches
from nncli.data.scaling import UNIT
from nncli.evaluation.probabilities import loss_and_error
from nncli.nn.network import NetworkGraph


class Trainer:
    """Evaluates all examples; nothing is trained."""

    def __init__(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> None:
        config = configuration(row)
        network = build.network(config, examples.images[0].size)
        for layer, initial in zip(network.layers, weights, strict=True):
            network.parameters.value(layer.weights)[...] = initial
        self.graph = NetworkGraph(network, config.loss)
        indices = np.arange(len(examples.labels))
        self.batches = Batches(examples.images, examples.labels, indices, batch_size=row.batch, scaling=UNIT)

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Return the loss and the error, to compare the systems."""
        return list(loss_and_error(self.graph, self.batches))

    def train(self, steps: int) -> int:
        """Evaluate once, and return the number of examples seen."""
        loss_and_error(self.graph, self.batches)
        return self.batches.examples
