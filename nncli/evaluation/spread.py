"""The mean of a result over several seeds, its standard deviation and its confidence interval."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """A result for each of one or more seeds; a format such as `.2%` applies to the mean and the deviation."""

    values: Sequence[float]

    def __format__(self, numbers: str) -> str:
        """Return the mean and, for several seeds, the standard deviation, as in 1.68% ± 0.02%."""
        mean = f"{self.mean:{numbers}}"
        return mean if self.deviation is None else f"{mean} ± {self.deviation:{numbers}}"

    @property
    def mean(self) -> float:
        """The mean."""
        return statistics.mean(self.values)

    @property
    def deviation(self) -> float | None:
        """The standard deviation of the sample; None for one seed."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95% confidence interval of the mean, by Student's t distribution; None for one seed."""
        from scipy.stats import t  # slow to import

        if self.deviation is None:
            return None
        half = float(t.ppf(0.975, len(self.values) - 1)) * self.deviation / math.sqrt(len(self.values))
        return self.mean - half, self.mean + half
