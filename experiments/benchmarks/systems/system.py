"""What a benchmark asks of a system that trains networks, and which systems there are."""

from dataclasses import dataclass
from importlib import import_module, util
from typing import Protocol

import numpy as np
import numpy.typing as npt

from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row


class Trainer(Protocol):
    """One network on its way in one system. It is made from a row, the examples and the initial weights."""

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Take the first steps, on the examples with these indices (steps, batch), and give each one's mean loss."""
        ...

    def train(self, steps: int) -> int:
        """Take steps through shuffled examples and give the number of examples seen; all work is done on return."""
        ...


@dataclass(frozen=True)
class System:
    """A way to train.

    Attributes:
        name: in the tables.
        module: of this folder, with the class `Trainer`.
        requires: the package it needs, if it is not always there.
    """

    name: str
    module: str
    requires: str | None = None

    @property
    def installed(self) -> bool:
        """Whether its package can be imported."""
        return self.requires is None or util.find_spec(self.requires) is not None

    def start(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> Trainer:
        """Make its trainer."""
        trainer: Trainer = import_module(f"experiments.benchmarks.systems.{self.module}").Trainer(
            row, examples, weights
        )
        return trainer


NNCLI = System("nncli", "nncli_loop")
TORCH = System("PyTorch", "torch_eager", "torch")
COMPILED = System("torch.compile", "torch_compiled", "torch")
JAX_STEP = System("JAX step", "jax_step", "jax")
JAX_SCAN = System("JAX scan", "jax_scan", "jax")
SCIKIT_LEARN = System("scikit-learn", "scikit_learn", "sklearn")

SYSTEMS = [NNCLI, TORCH, COMPILED, JAX_STEP, JAX_SCAN, SCIKIT_LEARN]
QUICK = [NNCLI, TORCH, JAX_STEP, JAX_SCAN]
SGEMM = System("sgemm", "sgemm")
