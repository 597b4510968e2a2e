"""Whether two classifiers differ: McNemar's test on the same examples, and Holm's method for several tests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05  # significance level
EXACT_BELOW = 25  # examples that only one of the two misclassifies: fewer, and the exact test is used


@dataclass(frozen=True)
class McNemar:
    """The result of McNemar's test of two classifiers."""

    examples: int
    only_first: int  # examples that only the first one misclassifies
    only_second: int
    both: int
    p_value: float  # probability of a split at least as uneven if both were equally good

    @property
    def exact(self) -> bool:
        """Whether the p-value is that of the exact binomial test."""
        return self.only_first + self.only_second < EXACT_BELOW


def mcnemar(first_wrong: NDArray[np.bool_], second_wrong: NDArray[np.bool_]) -> McNemar:
    """Test whether two classifiers have the same error (McNemar, Psychometrika 12, 1947).

    Only the examples that one of them misclassifies and the other does not can tell them apart. If both are equally
    good, each of these examples is as likely to be one's error as the other's. Few such examples are tested with the
    binomial distribution, many with χ² = (|b - c| - 1)² / (b + c), with Edwards' continuity correction.

    Args:
        first_wrong: (examples,), whether the first classifier misclassifies each example.
        second_wrong: (examples,), the same for the second classifier, on the same examples.
    """
    from scipy import stats  # slow to import

    b, c = int(np.sum(first_wrong & ~second_wrong)), int(np.sum(second_wrong & ~first_wrong))
    both = int(np.sum(first_wrong & second_wrong))
    if b + c == 0:
        p_value = 1.0
    elif b + c < EXACT_BELOW:
        p_value = float(stats.binomtest(b, b + c).pvalue)
    else:
        p_value = float(stats.chi2.sf(max(abs(b - c) - 1, 0) ** 2 / (b + c), df=1))
    return McNemar(first_wrong.size, b, c, both, p_value)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for the number of tests (Holm, Scandinavian Journal of Statistics 6, 1979).

    If the tests whose adjusted p-value is below a level are called significant, the probability that one of them or
    more is so by chance is below that level. The k-th smallest of m p-values is multiplied by m - k + 1.
    """
    order = np.argsort(p_values)
    adjusted = np.empty(len(p_values))
    steps = np.asarray(p_values)[order] * np.arange(len(p_values), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return [float(each) for each in adjusted]
