"""nncli: the training loop of `nncli train`, built from a configuration, with nothing held out."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from experiments.benchmarks.examples import SEED, Examples
from experiments.benchmarks.rows import CLASSES, Row
from nncli import build
from nncli.config.load import from_mapping
from nncli.config.schema import Config
from nncli.data.dataset import Dataset
from nncli.engine import blas
from nncli.training import threads
from nncli.training.events import StepFinished

ENDLESS = 1_000_000  # epochs


class Trainer:
    """Advances the loop step by step; the loop itself moves from epoch to epoch."""

    def __init__(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> None:
        training = build.training(configuration(row), Dataset("idx", "train", examples.images, examples.labels))
        for layer, initial in zip(training.network.layers, weights, strict=True):
            training.network.parameters.value(layer.weights)[...] = initial
        self.training = training
        self._threads = None if threads.worthwhile(training) else 1
        self._examples = training.batches.examples
        self._seen = 0
        self._steps: Iterator[StepFinished] = (event for event in training.run() if isinstance(event, StepFinished))

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Take the first steps; the loop chooses the same `batches` by itself."""
        with blas.threads(self._threads):
            finished = [next(self._steps) for _ in batches]
        self._seen = finished[-1].examples
        return [step.loss for step in finished]

    def train(self, steps: int) -> int:
        """Take steps, and close the epochs that end among them."""
        with blas.threads(self._threads):  # only here: the next row chooses its own
            for _ in range(steps):
                step = next(self._steps)
        before, self._seen = self._seen, (step.epoch - 1) * self._examples + step.examples
        return self._seen - before


def configuration(row: Row) -> Config:
    """Return the configuration of a row."""
    return from_mapping(
        {
            "name": "benchmark",
            "seed": SEED,
            "data": {"name": "idx", "validation": 0, "batch_size": row.batch},
            "model": {"layers": [{"units": units} for units in (*row.hidden, CLASSES)]},
            "optimizer": {"name": row.optimizer, "learning_rate": row.rate},
            "training": {"epochs": ENDLESS},
        }
    )
