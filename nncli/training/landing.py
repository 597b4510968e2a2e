"""How a step reaches the weights: by an optimizer that reads the error signals, or by the backward pass itself.

BLAS adds a product to what is there (see `nncli.engine.blas`), so that W̄ = z̄ xᵀ need not be written, read again and
subtracted: gradient descent lets it land in the weights, W ← (1 - αλ) W - α z̄ xᵀ, and momentum in the velocity,
V ← μ V - α z̄ xᵀ. Whatever needs the gradient itself takes it from the vector of error signals.
"""

from collections.abc import Mapping

from nncli.engine import blas
from nncli.engine.graph import Array
from nncli.engine.parameters import Parameter, Parameters
from nncli.optim.optimizers import Momentum, Optimizer


class Landing:
    """Error signals land in `parameters.errors`, and the optimizer moves the weights against them.

    Args:
        optimizer: whose step is taken.
        parameters: that move.
        leaves: their nodes in the training graph.
        l2: λ of the penalty λ/2 Σ w² on all weight matrices, where the graph leaves it to the landing.
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
        """Return the vector (size,) that the error signals land in."""
        return self.parameters.errors

    def aim(self, rate: float) -> None:
        """Say, before the passes, where the error signals of this step land."""

    def finish(self, rate: float) -> None:
        """Do, after the passes, what is left of the step."""
        self.optimizer.step(self.parameters.values, self.parameters.errors, rate)


class InWeights(Landing):
    """Gradient descent: w ← (1 - αλ) w - α g, all of it in the products."""

    takes_l2 = True

    def destination(self) -> Array:
        """Return the weights."""
        return self.parameters.values

    def aim(self, rate: float) -> None:
        """Let error signals land in the weights, times -α."""
        for leaf in self.leaves:
            leaf.keep, leaf.scale = 1.0, -rate
        for leaf in self.matrices:
            leaf.keep = 1.0 - rate * self.l2

    def finish(self, rate: float) -> None:
        """Count the step."""
        self.optimizer.steps += 1


class InVelocity(Landing):
    """Momentum: v ← μ v - α g in the products, w ← w + v in one pass; with the penalty, g includes λ w."""

    takes_l2 = True
    optimizer: Momentum

    def destination(self) -> Array:
        """Return the velocity."""
        return self.optimizer.slots["velocity"]

    def aim(self, rate: float) -> None:
        """Let error signals land in the velocity, times -α."""
        for leaf in self.leaves:
            leaf.keep, leaf.scale = self.optimizer.momentum, -rate

    def finish(self, rate: float) -> None:
        """v ← v - αλ w, w ← w + v."""
        if self.l2:
            for leaf in self.matrices:
                blas.add(leaf.value.reshape(-1), leaf.error.reshape(-1), -rate * self.l2)
        blas.add(self.parameters.destination, self.parameters.values)
        self.optimizer.steps += 1


LANDINGS: dict[str, type[Landing]] = {"sgd": InWeights, "momentum": InVelocity}


def landing_of(optimizer: str, *, clipped: bool, l1: float) -> type[Landing]:
    """Choose where the error signals of an optimizer land: clipping and L1 need them in a vector of their own."""
    return Landing if clipped or l1 else LANDINGS.get(optimizer, Landing)
