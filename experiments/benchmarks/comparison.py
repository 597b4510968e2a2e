"""The results of a row: medians, ratios round by round, the arithmetic achieved, and whether the work is equal."""

import math
from dataclasses import dataclass, field
from statistics import median

from experiments.benchmarks.rows import Row

TOLERANCES = {"sgd": 1e-4, "momentum": 1e-4, "adam": 1e-3}
"""The largest relative difference of the first losses; Adam divides a gradient's rounding error by its size."""

NNCLI, LIMIT = "nncli", "limit"


@dataclass
class Measurement:
    """The measurement of one row.

    Attributes:
        steps: the steps of an epoch, or of the part of it that is measured.
        examples: the examples of an epoch.
        times: how many times a round takes these steps.
        seconds: system -> seconds per epoch in each round, scaled up if only a part of it is measured.
        losses: system -> mean losses of the first steps.
        products: operations per second of a large matrix product, in each round.
        failures: system -> why it was not measured.
    """

    row: Row
    steps: int
    examples: int
    times: int = 1
    seconds: dict[str, list[float]] = field(default_factory=dict)
    losses: dict[str, list[float]] = field(default_factory=dict)
    products: list[float] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def part(self) -> float:
        """The part of an epoch that is measured, as a fraction."""
        return min(1.0, self.steps * self.row.batch / self.examples)

    def typical(self, system: str) -> float | None:
        """Return the median of a system's seconds per epoch; None if it was not measured."""
        return median(self.seconds[system]) if system in self.seconds else None

    def ratio(self, peer: str) -> float | None:
        """Return the median over the rounds of nncli's seconds / the peer's in the same round."""
        if peer not in self.seconds or NNCLI not in self.seconds:
            return None
        return median(ours / theirs for ours, theirs in zip(self.seconds[NNCLI], self.seconds[peer], strict=True))

    def achieved(self, system: str = NNCLI) -> float | None:
        """Return the operations per second of a system's matrix products."""
        seconds = self.typical(system)
        return self.row.operations() * self.examples / seconds if seconds else None

    def share_of_peak(self) -> float | None:
        """Return nncli's operations per second as a fraction of the best large product in the same rounds."""
        achieved = self.achieved()
        return achieved / max(self.products) if achieved and self.products else None

    def share_of_limit(self) -> float | None:
        """Return the seconds of the matrix products alone as a fraction of nncli's."""
        ratio = self.ratio(LIMIT)
        return 1 / ratio if ratio else None

    def disagreement(self) -> float | None:
        """Return the largest relative difference between a peer's loss and nncli's over the first steps."""
        ours = self.losses.get(NNCLI)
        peers = [losses for name, losses in self.losses.items() if name != NNCLI]
        if ours is None or not peers:
            return None
        differences = [abs(b - a) / abs(a) for losses in peers for a, b in zip(ours, losses, strict=True)]
        return max(differences) if all(map(math.isfinite, differences)) else math.inf

    def agrees(self) -> bool:
        """Return whether all losses agree up to rounding in float32; a system alone agrees."""
        disagreement = self.disagreement()
        return disagreement is None or disagreement <= TOLERANCES[self.row.optimizer]
