"""Adversarial copies of a mini-batch: examples moved a little, in the direction that changes the output the most."""

from typing import Annotated

import numpy as np
from annotated_types import Gt

from nncli.engine.graph import Array
from nncli.nn.excitation import directions
from nncli.nn.network import Network, NetworkGraph

PROBE = 0.1
"""Distance, in units of the scaled inputs, at which `Virtual` measures how the output changes."""


class Adversary:
    """Makes perturbed copies of mini-batches, for a network as it is evaluated: without dropout.

    A subclass is an entry of ADVERSARIES. The configuration takes its description from the first line of the docstring,
    and its settings from the annotated attributes.

    Args:
        network: network that the copies are made for; its weights are not changed.
        loss: name of its loss.
        rng: draws directions.
        settings: values that replace defaults, by name.
    """

    epsilon: float

    def __init__(self, network: Network, loss: str, rng: np.random.Generator, **settings: float) -> None:
        self.graph, self.rng = NetworkGraph(network, loss, of_inputs=True), rng
        vars(self).update(settings)
        self._inputs = self._targets = np.empty(0, self.graph.graph.dtype)

    def perturb(self, x: Array, targets: Array, copies: Array) -> Array:
        """Write copies of x (inputs, batch) to `copies`, and return their targets (classes, batch)."""
        raise NotImplementedError

    def extend(self, x: Array, targets: Array) -> tuple[Array, Array]:
        """Return a mini-batch with its copies: x (inputs, 2 batch) and targets (classes, 2 batch).

        The next call overwrites both.
        """
        batch = x.shape[1]
        if self._inputs.shape[1:] != (2 * batch,):
            self._inputs, self._targets = (np.empty((len(each), 2 * batch), each.dtype) for each in (x, targets))
        self._inputs[:, :batch], self._targets[:, :batch] = x, targets
        self._targets[:, batch:] = self.perturb(x, targets, self._inputs[:, batch:])
        return self._inputs, self._targets

    def _error(self, x: Array, targets: Array) -> Array:
        """Return the error signal of the inputs, (inputs, batch)."""
        self.graph.forward(x, targets)
        self.graph.backward()
        return self.graph.x.error


class FastGradient(Adversary):
    """Copies x + ε sign(x̄) with the same targets (Goodfellow, Shlens & Szegedy, 2015)."""

    epsilon: Annotated[float, Gt(0), "Change of each input, in units of the scaled pixels; above 0."] = 0.25

    def perturb(self, x: Array, targets: Array, copies: Array) -> Array:
        """x + ε sign(x̄), with the targets of x."""
        np.sign(self._error(x, targets), out=copies)
        np.multiply(copies, self.epsilon, out=copies)
        np.add(copies, x, out=copies)
        return targets


class Virtual(Adversary):
    """Copies x + ε r, with ‖r‖ = 1 and the network's own outputs for x as targets (Miyato et al., 2018).

    r is the direction in which the output distribution changes the most, estimated by one step of the power method from
    a random direction.
    """

    epsilon: Annotated[float, Gt(0), "Distance of a copy from its example, in units of the scaled pixels; above 0."] = (
        2.0
    )

    def perturb(self, x: Array, targets: Array, copies: Array) -> Array:
        """x + ε r, with the targets that the network's outputs for x fit best."""
        self.graph.forward(x, targets)
        outputs = self.graph.loss.own_targets().copy()
        copies[...] = x + PROBE * directions(self.rng.standard_normal(x.shape, dtype=x.dtype))
        copies[...] = x + self.epsilon * directions(self._error(copies, outputs))
        return outputs


ADVERSARIES: dict[str, type[Adversary]] = {"fast_gradient": FastGradient, "virtual": Virtual}
