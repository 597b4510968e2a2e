"""What a trained network predicts on a split of its data."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nncli.build import Trained
from nncli.data.dataset import Dataset, Indices
from nncli.errors import DivergedError
from nncli.evaluation.metrics import Calibration, Summary, calibrate, summarize
from nncli.evaluation.probabilities import evaluate


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


def measure(checkpoint: Path, trained: Trained, data: Dataset) -> Outcome:
    """Evaluate the network of a checkpoint on examples, such as a test split.

    Raises:
        DataError: the images do not have the shape that the network was trained on.
        DivergedError: the loss is not finite.
    """
    loss, probabilities = evaluate(trained.graph, trained.batches(data.images, data.labels))
    if not math.isfinite(loss):
        raise DivergedError(f"{checkpoint}: the network's loss is not finite; use an earlier checkpoint of the run")
    return Outcome(data, loss, probabilities, summarize(probabilities, data.labels))
