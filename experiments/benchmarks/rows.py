"""The rows of the throughput table: which networks are trained, how, and how much arithmetic that is."""

from dataclasses import dataclass
from itertools import pairwise, product

PIXELS, CLASSES = 784, 10

ROUND = 320e9
"""Floating-point operations of a measured round: an epoch where it has no more than these, else a part of one."""

RATES = {"sgd": 0.01, "momentum": 0.01, "adam": 0.001}
"""The learning rate of each optimizer: small enough that no row diverges; speed does not depend on it."""

DEEP = (2500, 2000, 1500, 1000, 500)


@dataclass(frozen=True)
class Row:
    """One network with its mini-batch size and optimizer."""

    hidden: tuple[int, ...]
    batch: int
    optimizer: str = "sgd"

    @property
    def sizes(self) -> tuple[int, ...]:
        """The units of every layer, from the input to the output."""
        return (PIXELS, *self.hidden, CLASSES)

    @property
    def network(self) -> str:
        """The network as people write it: 784-512-512-10."""
        return "-".join(map(str, self.sizes))

    @property
    def rate(self) -> float:
        """The learning rate."""
        return RATES[self.optimizer]

    def operations(self) -> int:
        """Count the floating-point operations of the matrix products that one example needs.

        Each layer has three products (outputs, weights' error signals, inputs' error signals); the first has no
        use for the third. Elementwise work is not counted, so that what is achieved is a lower bound.
        """
        layers = [2 * inputs * outputs for inputs, outputs in pairwise(self.sizes)]
        return 3 * sum(layers) - layers[0]

    def steps(self, examples: int) -> int:
        """Give the mini-batches of a round: those of an epoch, or of the part of it that ROUND allows."""
        epoch = -(-examples // self.batch)
        return min(epoch, max(1, int(ROUND / (self.operations() * self.batch))))


QUICK = [Row((128,), 128), Row((512, 512), 128)]

ROWS = [
    *(Row((128,), batch) for batch in (32, 128, 512)),
    *(Row((512, 512), batch, optimizer) for optimizer, batch in product(RATES, (32, 128, 512))),
    *(Row((1200, 1200), batch) for batch in (32, 128, 512)),
    *(Row(DEEP, batch) for batch in (128, 512)),
]
