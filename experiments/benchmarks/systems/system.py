"""The interface of a system that trains networks, and the list of systems."""

from dataclasses import dataclass
from importlib import import_module, util
from typing import Protocol

import numpy as np
import numpy.typing as npt

from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row


class Trainer(Protocol):
    """One network in training; made from a row, the examples and the initial weights."""

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Take the first steps on the examples with these indices (steps, batch), and return the mean loss of each."""
        ...

    def train(self, steps: int) -> int:
        """Take steps through shuffled examples, finish all work, and return the number of examples seen."""
        ...


@dataclass(frozen=True)
class System:
    """A way to train networks.

    Attributes:
        name: the name in the tables.
        module: the module in this folder with its class `Trainer`.
        requires: the optional package that it needs.
    """

    name: str
    module: str
    requires: str | None = None

    @property
    def installed(self) -> bool:
        """Whether its package can be imported."""
        return self.requires is None or util.find_spec(self.requires) is not None

    def start(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> Trainer:
        """Return its trainer."""
        trainer: Trainer = import_module(f"experiments.benchmarks.systems.{self.module}").Trainer(
            row, examples, weights
        )
        return trainer


NNCLI = System("nncli", "nncli_loop")
NUMPY = System("plain NumPy", "plain_numpy")
TORCH = System("PyTorch", "torch_eager", "torch")
COMPILED = System("torch.compile", "torch_compiled", "torch")
JAX_STEP = System("JAX step", "jax_step", "jax")
JAX_SCAN = System("JAX scan", "jax_scan", "jax")
SCIKIT_LEARN = System("scikit-learn", "scikit_learn", "sklearn")

SYSTEMS = [NNCLI, NUMPY, TORCH, COMPILED, JAX_STEP, JAX_SCAN, SCIKIT_LEARN]
QUICK = [NNCLI, NUMPY, TORCH, JAX_STEP, JAX_SCAN]

EVALUATORS = [
    System("nncli", "nncli_evaluation"),
    System("JAX", "jax_evaluation", "jax"),
    System("PyTorch", "torch_evaluation", "torch"),
]
"""These evaluate and do not train; their losses are the loss and the error of all examples."""

LIMIT = System("limit", "limit")
"""Not a trainer, but the time that a step's matrix products need by themselves."""

SGEMM = System("sgemm", "sgemm")
"""Not a trainer, but the rate of a large matrix product."""
