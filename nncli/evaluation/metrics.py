"""Metrics of a classifier: error with a confidence interval, confusion, scores of each class, calibration."""

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from nncli.errors import DivergedError

NORMAL_975 = 1.959963984540054  # the 97.5% quantile of the standard normal: two-sided 95%
CALIBRATION_BINS = 15


@dataclass(frozen=True)
class ClassScores:
    """The scores of one class; a ratio with a denominator of zero is 0."""

    label: int
    precision: float  # fraction of the examples predicted as this class that belong to it
    recall: float  # fraction of the examples of this class that are predicted as it
    f1: float  # harmonic mean of precision and recall
    support: int  # number of examples of this class


@dataclass(frozen=True, eq=False)
class Summary:
    """The result of `summarize`; error, accuracy, interval and halves are fractions of examples."""

    examples: int
    error: float
    accuracy: float
    interval: tuple[float, float]  # 95% confidence interval of the error
    halves: tuple[float, ...]  # errors of the first and the second half; one number for one example
    confusion: NDArray[np.int64]  # (classes, classes), rows true, columns predicted
    per_class: tuple[ClassScores, ...]
    calibration_error: float

    def to_dict(self) -> dict[str, object]:
        """Return the summary as plain JSON values."""
        return asdict(self) | {"confusion": self.confusion.tolist()}


def summarize(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> Summary:
    """Compare the predictions of `classify` with labels.

    Args:
        probabilities: (classes, examples), each column a distribution over the classes.
        labels: (examples,), the true classes; at least one, each below the number of classes.

    Raises:
        DivergedError: a probability is not finite.
    """
    classes, examples = probabilities.shape
    predicted = classify(probabilities)
    wrong = predicted != labels
    errors = int(wrong.sum())
    confusion = confusion_matrix(predicted, labels, classes)
    return Summary(
        examples=examples,
        error=errors / examples,
        accuracy=(examples - errors) / examples,
        interval=wilson_interval(errors, examples),
        halves=tuple(float(half.mean()) for half in np.array_split(wrong, 2) if half.size),
        confusion=confusion,
        per_class=score_classes(confusion),
        calibration_error=calibrate(probabilities.max(axis=0), ~wrong).error,
    )


def classify(probabilities: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the most probable class of each example, or the first of equal ones, (examples,).

    Raises:
        DivergedError: a probability is not finite.
    """
    if not np.isfinite(probabilities).all():
        raise DivergedError("the network's output is not finite; use an earlier checkpoint of the run")
    return np.asarray(probabilities.argmax(axis=0))


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95% confidence interval of a proportion after `successes` in `trials`.

    It solves |p̂ - p| <= z sqrt(p (1 - p) / n) for p (Wilson, Journal of the American Statistical Association
    22, 1927), and stays within [0, 1] even without successes.
    """
    share, z, z2 = successes / trials, NORMAL_975, NORMAL_975**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = z / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    low = 0.0 if successes == 0 else centre - spread
    high = 1.0 if successes == trials else centre + spread
    return low, high


def no_better_than_chance(error: float, labels: NDArray[np.integer]) -> bool:
    """Whether the 95% interval of an error includes the error of always predicting the most frequent class.

    That error is 1 - 1/10 for ten classes of equal size.
    """
    _, high = wilson_interval(round(error * labels.size), labels.size)
    return bool(high >= 1 - np.bincount(labels).max() / labels.size)


def confusion_matrix(predicted: NDArray[np.integer], labels: NDArray[np.integer], classes: int) -> NDArray[np.int64]:
    """Count the examples of each true class (rows) by predicted class (columns): (classes, classes)."""
    cells = labels.astype(np.int64) * classes + predicted
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


def score_classes(confusion: NDArray[np.int64]) -> tuple[ClassScores, ...]:
    """Return the scores of each class from a confusion matrix (rows true, columns predicted)."""
    hits, supports, calls = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    ratios = (hits / np.maximum(calls, 1), hits / np.maximum(supports, 1), 2 * hits / np.maximum(calls + supports, 1))
    columns = (column.tolist() for column in (*ratios, supports))
    return tuple(ClassScores(label, *scores) for label, scores in enumerate(zip(*columns, strict=True)))


@dataclass(frozen=True, eq=False)
class Calibration:
    """Confidence and accuracy in equal bins of the confidence over (0, 1]; both are 0 in an empty bin."""

    counts: NDArray[np.int64]  # (bins,), examples whose confidence lies in ((m - 1) / M, m / M]
    confidences: NDArray[np.float64]  # (bins,), mean probability of the predicted class
    accuracies: NDArray[np.float64]  # (bins,), fraction of correct predictions

    @property
    def error(self) -> float:
        """The expected calibration error: the difference of confidence and accuracy, averaged over examples.

        It is the sum over the bins B_m of |B_m| / n |accuracy(B_m) - mean confidence(B_m)| (Guo et al., On Calibration
        of Modern Neural Networks, 2017).
        """
        return float(self.counts @ np.abs(self.accuracies - self.confidences) / self.counts.sum())


def calibrate(
    confidences: NDArray[np.floating], correct: NDArray[np.bool_], bins: int = CALIBRATION_BINS
) -> Calibration:
    """Compare confidence with accuracy.

    Args:
        confidences: (examples,), the probability of the predicted class.
        correct: (examples,), whether the prediction is correct.
        bins: M, the number of equal bins over (0, 1].
    """
    confidences = confidences.astype(np.float64)
    bin_of = np.clip(np.ceil(confidences * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(bin_of, minlength=bins)
    sums = (np.bincount(bin_of, weights=each, minlength=bins) for each in (confidences, correct))
    return Calibration(counts, *(total / np.maximum(counts, 1) for total in sums))
