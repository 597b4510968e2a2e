"""The rows of the throughput table: the networks, how they are trained, and the arithmetic that they need."""

from dataclasses import dataclass
from itertools import pairwise, product

PIXELS, CLASSES = 784, 10

SHORTEST, LONGEST = 80e9, 320e9
"""The fewest and the most floating-point operations of a round: several epochs or a part of one if needed.

In a shorter round, the time that sleeping cores take to wake up would count.
"""

RATES = {"sgd": 0.01, "momentum": 0.01, "adam": 0.001}
"""The learning rate of each optimizer, small enough that no row diverges; speed does not depend on it."""

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
        """The sizes of the layers, such as 784-512-512-10."""
        return "-".join(map(str, self.sizes))

    @property
    def name(self) -> str:
        """The whole row, such as `784-512-512-10, batch 128, sgd`."""
        return f"{self.network}, batch {self.batch}, {self.optimizer}"

    @property
    def rate(self) -> float:
        """The learning rate."""
        return RATES[self.optimizer]

    def operations(self) -> int:
        """Return the floating-point operations of the matrix products for one example.

        Each layer has three products (outputs, error signals of the weights and of the inputs); the first does not
        need the third. Elementwise work is not counted, so the rate achieved is a lower bound.
        """
        layers = [2 * inputs * outputs for inputs, outputs in pairwise(self.sizes)]
        return 3 * sum(layers) - layers[0]

    def steps(self, examples: int) -> int:
        """Return the number of steps of an epoch, or of as much of it as LONGEST allows."""
        epoch = -(-examples // self.batch)
        return min(epoch, max(1, int(LONGEST / (self.operations() * self.batch))))

    def times(self, examples: int) -> int:
        """Return how many times a round takes these steps."""
        return max(1, round(SHORTEST / (self.operations() * examples)))


QUICK = [Row((128,), 128), Row((512, 512), 128)]

ROWS = [
    *(Row((128,), batch) for batch in (32, 128, 512)),
    *(Row((512, 512), batch, optimizer) for optimizer, batch in product(RATES, (32, 128, 512))),
    *(Row((1200, 1200), batch) for batch in (32, 128, 512)),
    *(Row(DEEP, batch) for batch in (128, 512)),
]
