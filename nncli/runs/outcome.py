"""What a trained network predicts on a split of its data."""

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nncli.build import Trained, augmentation
from nncli.data.dataset import Dataset, Indices
from nncli.errors import DivergedError, RunError
from nncli.evaluation.ensemble import average, cross_entropy
from nncli.evaluation.metrics import Calibration, Summary, calibrate, summarize
from nncli.evaluation.probabilities import evaluate
from nncli.randomness import generator

WEAKER = 0.5
"""The distortions of the copies that an evaluation averages over, relative to those of the training."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """The mean loss, the probabilities (classes, examples) and the metrics of a network on the examples of `data`."""

    data: Dataset
    loss: float
    probabilities: NDArray[np.floating]
    summary: Summary

    @property
    def predictions(self) -> NDArray[np.intp]:
        """The predicted class of each example, (examples,)."""
        return np.asarray(self.probabilities.argmax(axis=0))

    @property
    def confidences(self) -> NDArray[np.floating]:
        """The probability of the predicted class of each example, (examples,)."""
        return np.asarray(self.probabilities.max(axis=0))

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Whether each example is misclassified, (examples,)."""
        return np.asarray(self.predictions != self.data.labels)

    @property
    def calibration(self) -> Calibration:
        """Confidence and accuracy in bins of the confidence."""
        return calibrate(self.confidences, ~self.wrong)

    def worst(self, count: int) -> Indices:
        """Return the indices of the misclassified examples with the highest confidence, at most `count`."""
        wrong = np.flatnonzero(self.wrong)
        return wrong[np.argsort(-self.confidences[wrong], kind="stable")][:count]


def measure(checkpoint: Path, trained: Trained, data: Dataset, copies: int = 0) -> Outcome:
    """Evaluate the network of a checkpoint on examples, such as a test split.

    With `copies`, its probabilities are averaged over this number of copies of each image, distorted half as much as in
    training, and the loss is their cross-entropy (test-time augmentation; Krizhevsky, Sutskever & Hinton, 2012).

    Raises:
        DataError: the images do not have the shape that the network was trained on.
        DivergedError: the loss is not finite.
        RunError: copies are requested, but the network was trained without distortions.
    """
    batches = trained.batches(data.images, data.labels)
    if copies:
        distortions = augmentation(trained.config)
        if distortions is None:
            raise RunError(f"{checkpoint}: was trained without data.augment; evaluate it without distorted copies")
        batches.augment = distortions.weaker(WEAKER)
        noises = [partial(generator, trained.config.seed, "copies", number) for number in range(copies)]
        probabilities = average([evaluate(trained.graph, batches, noise)[1] for noise in noises])
        loss = cross_entropy(probabilities, data.labels)
    else:
        loss, probabilities = evaluate(trained.graph, batches)
    if not math.isfinite(loss):
        raise DivergedError(f"{checkpoint}: the network's loss is not finite; use an earlier checkpoint of the run")
    return Outcome(data, loss, probabilities, summarize(probabilities, data.labels))
