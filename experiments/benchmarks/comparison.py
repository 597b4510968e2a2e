"""What the numbers of a row say: medians, ratios round by round, arithmetic achieved, and whether the work is equal."""

import math
from dataclasses import dataclass, field
from statistics import median

from experiments.benchmarks.rows import Row

TOLERANCES = {"sgd": 1e-4, "momentum": 1e-4, "adam": 1e-3}
"""How far the losses of the first steps may differ, relatively. Adam divides a rounding error by its own size."""

NNCLI = "nncli"


@dataclass
class Measurement:
    """One row as it was measured.

    Attributes:
        steps: of a round.
        examples: of an epoch.
        seconds: system -> seconds an epoch, round by round (scaled up where a round is a part of an epoch).
        losses: system -> mean losses of the first steps.
        products: operations a second of the plain matrix product, round by round.
        failures: system -> why it is not there.
    """

    row: Row
    steps: int
    examples: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    losses: dict[str, list[float]] = field(default_factory=dict)
    products: list[float] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def part(self) -> float:
        """The part of an epoch that a round is."""
        return min(1.0, self.steps * self.row.batch / self.examples)

    def typical(self, system: str) -> float | None:
        """Give the median of a system's seconds an epoch."""
        return median(self.seconds[system]) if system in self.seconds else None

    def ratio(self, peer: str) -> float | None:
        """Give the median over the rounds of nncli's seconds / the peer's in the same round."""
        if peer not in self.seconds or NNCLI not in self.seconds:
            return None
        return median(ours / theirs for ours, theirs in zip(self.seconds[NNCLI], self.seconds[peer], strict=True))

    def achieved(self, system: str = NNCLI) -> float | None:
        """Give the operations a second of a system's matrix products."""
        seconds = self.typical(system)
        return self.row.operations() * self.examples / seconds if seconds else None

    def share_of_peak(self) -> float | None:
        """Give nncli's operations a second as a part of the best that a plain product reached beside it."""
        achieved = self.achieved()
        return achieved / max(self.products) if achieved and self.products else None

    def disagreement(self) -> float | None:
        """Give the largest relative difference of a peer's loss from nncli's over the first steps."""
        ours = self.losses.get(NNCLI)
        peers = [losses for name, losses in self.losses.items() if name != NNCLI]
        if ours is None or not peers:
            return None
        differences = [abs(b - a) / abs(a) for losses in peers for a, b in zip(ours, losses, strict=True)]
        return max(differences) if all(map(math.isfinite, differences)) else math.inf

    def agrees(self) -> bool:
        """Say whether all systems do the same work, as far as float32 can tell; a system alone does."""
        disagreement = self.disagreement()
        return disagreement is None or disagreement <= TOLERANCES[self.row.optimizer]
