"""PyTorch, eager: a Sequential on tensors in memory, with a fused optimizer and no DataLoader."""

import os
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row


class Trainer:
    """The loop of PyTorch's tutorials, without a DataLoader and without reading losses."""

    def __init__(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> None:
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        self.batch = row.batch
        self.x, self.y = torch.from_numpy(examples.numbers()), torch.from_numpy(examples.labels).long()
        model = network(weights)
        self.optimizer = optimizer(row.optimizer, model, row.rate)
        self.loss: Callable[[Tensor, Tensor], Tensor] = lambda x, y: nn.functional.cross_entropy(model(x), y)

    def step(self, chosen: Tensor) -> Tensor:
        """Follow the gradient of the examples with these indices."""
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.x[chosen], self.y[chosen])
        loss.backward()
        self.optimizer.step()
        return loss

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Take the first steps."""
        return [self.step(torch.from_numpy(chosen)).item() for chosen in batches]

    def train(self, steps: int) -> int:
        """Take the first steps of an epoch."""
        order = torch.randperm(len(self.x))[: steps * self.batch]
        for chosen in order.split(self.batch):
            self.step(chosen)
        return len(order)


def network(weights: list[npt.NDArray[np.float32]]) -> nn.Sequential:
    """Return linear layers with these weights, and ReLUs between them."""
    layers: list[nn.Module] = []
    for initial in weights:
        linear = nn.Linear(initial.shape[1], initial.shape[0])
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(initial))
            linear.bias.zero_()
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def optimizer(name: str, model: nn.Module, rate: float) -> torch.optim.Optimizer:
    """Return an optimizer in its fused form, the fastest of PyTorch's three on a CPU."""
    if name == "adam":
        return torch.optim.Adam(model.parameters(), lr=rate, fused=True)
    return torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9 if name == "momentum" else 0.0, fused=True)
