"""PyTorch's evaluation: batch by batch without gradients, with the data in memory as float32."""

import os

import numpy as np
import numpy.typing as npt
import torch

from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems.torch_eager import network


class Trainer:
    """Evaluates all examples; nothing is trained."""

    def __init__(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> None:
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        self.batch = row.batch
        self.x, self.y = torch.from_numpy(examples.numbers()), torch.from_numpy(examples.labels).long()
        self.model = network(weights).eval()

    @torch.no_grad()
    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Return the loss and the error, to compare the systems."""
        loss, wrong = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        for x, y in zip(self.x.split(self.batch), self.y.split(self.batch), strict=True):
            logits = self.model(x)
            loss += torch.nn.functional.cross_entropy(logits, y, reduction="sum")
            wrong += (logits.argmax(dim=1) != y).sum()
        return [loss.item() / len(self.y), wrong.item() / len(self.y)]

    def train(self, steps: int) -> int:
        """Evaluate once, and return the number of examples seen."""
        self.losses(np.empty(0, np.int64))
        return len(self.y)
