"""Averages of the weights, which are evaluated and saved in place of the last ones."""

import numpy as np

from nncli.config.schema import TrainingConfig
from nncli.engine import blas
from nncli.engine.parameters import Parameters


class Average:
    """An average of the weights of a training; `parameters` holds it once `count` is not 0."""

    def __init__(self, weights: Parameters) -> None:
        self.weights = weights
        self.parameters = Parameters(weights.shapes, weights.values.dtype)
        self.parameters.statistics = weights.statistics

    def count(self, epochs: int, steps: int) -> int:
        """Return how many states of the weights are in the average after this many epochs and steps."""
        raise NotImplementedError

    def after_step(self, steps: int) -> None:
        """Take in the weights after a step, if they belong to the average."""

    def after_epoch(self, epochs: int) -> None:
        """Take in the weights after an epoch, if they belong to the average."""


class OfLastEpochs(Average):
    """The mean of the weights at the ends of the last epochs."""

    def __init__(self, weights: Parameters, last: int, epochs: int) -> None:
        super().__init__(weights)
        self.before = epochs - last

    def count(self, epochs: int, steps: int) -> int:
        """Return how many epochs are in the mean."""
        return max(0, epochs - self.before)

    def after_epoch(self, epochs: int) -> None:
        """Take in one of the last epochs."""
        if count := self.count(epochs, 0):
            self.parameters.values += (self.weights.values - self.parameters.values) / count


class Exponential(Average):
    """The exponential moving average e ← d e + (1 - d) w, which begins with the weights after the first step."""

    def __init__(self, weights: Parameters, decay: float) -> None:
        super().__init__(weights)
        self.decay = decay
        self._work = np.empty_like(weights.values)

    def count(self, epochs: int, steps: int) -> int:
        """Return the number of steps."""
        return steps

    def after_step(self, steps: int) -> None:
        """Take in the weights after a step."""
        average = self.parameters.values
        if steps == 1:
            average[...] = self.weights.values
        np.subtract(self.weights.values, average, out=self._work)
        blas.add(self._work, average, 1 - self.decay)


def average_of(weights: Parameters, config: TrainingConfig) -> Average | None:
    """Return the configured average of these weights; None for none."""
    if config.ema_decay is not None:
        return Exponential(weights, config.ema_decay)
    return OfLastEpochs(weights, config.average_weights, config.epochs) if config.average_weights else None
