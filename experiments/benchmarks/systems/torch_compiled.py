"""PyTorch with torch.compile: the eager trainer with network and loss compiled for their static shapes."""

import numpy as np
import numpy.typing as npt
import torch

from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems import torch_eager


class Trainer(torch_eager.Trainer):
    """Compiles in its first steps, which are not timed: for full mini-batches, and for the last one of an epoch."""

    def __init__(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> None:
        super().__init__(row, examples, weights)
        torch._dynamo.reset()  # forget the last row's network
        self.loss = torch.compile(self.loss, dynamic=False)
