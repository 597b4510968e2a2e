"""How good a classifier is: error with its uncertainty, confusion, scores of each class, calibration."""

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from nncli.errors import DataError, DivergedError

NORMAL_975 = 1.959963984540054  # the 97.5% quantile of the standard normal: two-sided 95%
CALIBRATION_BINS = 15


@dataclass(frozen=True)
class ClassScores:
    """The scores of one class; a ratio whose denominator is zero counts as 0."""

    label: int
    precision: float  # of the examples predicted as this class, the share that belongs to it
    recall: float  # of the examples of this class, the share predicted as it
    f1: float  # the harmonic mean of the two
    support: int  # examples of this class


@dataclass(frozen=True, eq=False)
class Summary:
    """Everything `summarize` finds; error, accuracy, interval and halves are fractions of examples."""

    examples: int
    error: float
    accuracy: float
    interval: tuple[float, float]  # 95% of the error
    halves: tuple[float, ...]  # error of the first and the second half; one number for one example
    confusion: NDArray[np.int64]  # (classes, classes), rows true, columns predicted
    per_class: tuple[ClassScores, ...]
    calibration_error: float

    def to_dict(self) -> dict[str, object]:
        """The same as plain JSON values."""
        return {
            "examples": self.examples,
            "error": self.error,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "halves": list(self.halves),
            "confusion": self.confusion.tolist(),
            "per_class": [asdict(scores) for scores in self.per_class],
            "calibration_error": self.calibration_error,
        }


def summarize(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> Summary:
    """Compare a network's output with the truth; the prediction is the most probable class, the first of equals.

    Args:
        probabilities: (classes, examples), each column a distribution over the classes.
        labels: (examples,), the true classes.

    Raises:
        DataError: no examples, shapes that do not fit, or a label outside the classes.
        DivergedError: a probability is not finite.

    """
    classes, examples = probabilities.shape
    if labels.shape != (examples,) or examples == 0:
        raise DataError(
            f"{examples:,} predictions for {labels.size:,} labels: give one label for each, and at least one"
        )
    if labels.min() < 0 or labels.max() >= classes:
        wrong_label = labels.max() if labels.max() >= classes else labels.min()
        raise DataError(f"label {wrong_label} is none of the {classes} classes; check the label file")
    if not np.isfinite(probabilities).all():
        raise DivergedError("the network's output is not finite; use an earlier checkpoint of the run")
    predicted = probabilities.argmax(axis=0)
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
        calibration_error=calibration_error(probabilities.max(axis=0), ~wrong),
    )


def wilson_interval(successes: int, trials: int, quantile: float = NORMAL_975) -> tuple[float, float]:
    """The interval of proportions p that `successes` of `trials` do not contradict.

    It solves |p̂ - p| <= z sqrt(p (1 - p) / n) for p (Wilson, Journal of the American Statistical Association
    22, 1927) and so stays within [0, 1] also for no error at all.
    """
    share, z2 = successes / trials, quantile**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = quantile / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    low = 0.0 if successes == 0 else centre - spread
    high = 1.0 if successes == trials else centre + spread
    return low, high


def no_better_than_chance(error: float, labels: NDArray[np.integer]) -> bool:
    """Whether an error rate on these labels may be that of always answering the most frequent class.

    It may be where the 95% interval of the error does not lie below that rate: 1 - 1/10 for ten equal classes.
    """
    _, high = wilson_interval(round(error * labels.size), labels.size)
    return bool(high >= 1 - np.bincount(labels).max() / labels.size)


def confusion_matrix(predicted: NDArray[np.integer], labels: NDArray[np.integer], classes: int) -> NDArray[np.int64]:
    """Count the examples of each true class (rows) by predicted class (columns): (classes, classes)."""
    cells = labels.astype(np.int64) * classes + predicted
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


def score_classes(confusion: NDArray[np.int64]) -> tuple[ClassScores, ...]:
    """Precision, recall, F1 and support of each class from a confusion matrix (rows true, columns predicted)."""
    hits, supports, calls = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    return tuple(
        ClassScores(
            label=label,
            precision=_ratio(hit, call),
            recall=_ratio(hit, support),
            f1=_ratio(2 * hit, call + support),
            support=support,
        )
        for label, (hit, support, call) in enumerate(zip(hits.tolist(), supports.tolist(), calls.tolist(), strict=True))
    )


def calibration_error(
    confidences: NDArray[np.floating], correct: NDArray[np.bool_], bins: int = CALIBRATION_BINS
) -> float:
    """The expected calibration error: how far confidence lies from accuracy, bin by bin.

    With B_m the examples whose confidence lies in ((m - 1) / M, m / M], it is the sum over the M bins of
    |B_m| / n |accuracy(B_m) - mean confidence(B_m)| (Guo et al., On Calibration of Modern Neural Networks, 2017).

    Args:
        confidences: (examples,), the probability given to the predicted class.
        correct: (examples,), whether the prediction is right.
        bins: M, the number of equal bins over (0, 1].

    """
    confidences = confidences.astype(np.float64)
    bin_of = np.clip(np.ceil(confidences * bins).astype(np.int64) - 1, 0, bins - 1)
    surplus = np.bincount(bin_of, weights=correct - confidences, minlength=bins)
    return float(np.abs(surplus).sum() / correct.size)


def _ratio(numerator: int, denominator: int) -> float:
    return numerator / denominator if denominator else 0.0
