"""How a step moves the weights: with an optimizer that reads the error signals, or in the backward pass itself.

BLAS can add a product to an array (see `nncli.engine.blas`), so W̄ = z̄ xᵀ need not be stored first. Gradient descent
adds it to the weights, W ← (1 - αλ) W - α z̄ xᵀ, and momentum to the velocity, V ← μ V - α z̄ xᵀ. Everything that
needs the gradient itself reads it from the vector of error signals.
"""

from collections.abc import Mapping

from nncli.engine import blas
from nncli.engine.graph import Array
from nncli.engine.parameters import Parameter, Parameters
from nncli.optim.optimizers import Momentum, Optimizer


class Landing:
    """Error signals are stored in `parameters.errors`, which the optimizer reads.

    `leaves` are the parameters' nodes in the training graph. `l2` is λ of the penalty λ/2 Σ w² on all weight matrices,
    for classes that include it in the step (`takes_l2`).
    """

    takes_l2 = False

    def __init__(
        self, optimizer: Optimizer, parameters: Parameters, leaves: Mapping[str, Parameter], l2: float = 0.0
    ) -> None:
        self.optimizer, self.parameters, self.l2 = optimizer, parameters, l2
        self.leaves = list(leaves.values())
        self.matrices = [leaf for leaf in self.leaves if len(leaf.shape) > 1]
        self.parameters.destination = self.destination()

    def destination(self) -> Array:
        """Return the vector (size,) that the backward pass writes to."""
        return self.parameters.errors

    def aim(self, rate: float) -> None:
        """Prepare the backward pass of a step at a learning rate."""

    def finish(self, rate: float) -> None:
        """Complete the step after the backward pass."""
        self.optimizer.step(self.parameters.values, self.parameters.errors, rate)


class InWeights(Landing):
    """Gradient descent: w ← (1 - αλ) w - α g, entirely in the backward pass."""

    takes_l2 = True

    def destination(self) -> Array:
        """Return the weights."""
        return self.parameters.values

    def aim(self, rate: float) -> None:
        """Let the backward pass add to the weights, with the factor -α."""
        for leaf in self.leaves:
            leaf.keep, leaf.scale = 1.0, -rate
        for leaf in self.matrices:
            leaf.keep = 1.0 - rate * self.l2

    def finish(self, rate: float) -> None:
        """Count the step."""
        self.optimizer.steps += 1


class InVelocity(Landing):
    """Momentum: v ← μ v - α g in the backward pass, then w ← w + v; with the penalty, g includes λ w."""

    takes_l2 = True
    optimizer: Momentum

    def destination(self) -> Array:
        """Return the velocity."""
        return self.optimizer.slots["velocity"]

    def aim(self, rate: float) -> None:
        """Let the backward pass add to the velocity, with the factor -α."""
        for leaf in self.leaves:
            leaf.keep, leaf.scale = self.optimizer.mu, -rate

    def finish(self, rate: float) -> None:
        """v ← v - αλ w, w ← w + v."""
        if self.l2:
            for leaf in self.matrices:
                blas.add(leaf.value.reshape(-1), leaf.error.reshape(-1), -rate * self.l2)
        blas.add(self.parameters.destination, self.parameters.values)
        self.optimizer.steps += 1


LANDINGS: dict[str, type[Landing]] = {"sgd": InWeights, "momentum": InVelocity}


def landing_of(optimizer: str, *, clipped: bool, l1: float) -> type[Landing]:
    """Return the class for an optimizer; clipping and L1 need the error signals in a vector of their own."""
    return Landing if clipped or l1 else LANDINGS.get(optimizer, Landing)
