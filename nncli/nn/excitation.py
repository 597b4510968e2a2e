"""The input that excites a unit most, found by gradient ascent; it shows what a unit of any layer responds to."""

import math

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import BATCH, Array, Graph, Input
from nncli.engine.parameters import Parameter
from nncli.errors import DivergedError
from nncli.nn.arithmetic import Multiply, Sum
from nncli.nn.network import INPUT, Network

STEPS = 60
STRIDE = 0.5  # length of the first step relative to the norm; the steps shrink linearly to 0


class Excitation:
    """The graph whose objective is the excitation of a layer's chosen units and whose variable is the network's input.

    The objective is Σ_n z_{u(n), n}. Example n depends on unit u(n) only, so one backward pass gives dz_{u(n)}/dx for
    all units at once. z is the pre-activation, because an activation may have a derivative of 0.

    Args:
        network: the network; its weights are not changed.
        layer: the name of the layer.
        units: (shown,), the indices of the chosen units.
    """

    def __init__(self, network: Network, layer: str, units: npt.NDArray[np.integer]) -> None:
        self.graph = graph = Graph(network.parameters.values.dtype)
        self.x = graph.add(Input((network.input_units, BATCH), needs_error=True), INPUT)
        leaves = {
            name: graph.add(Parameter(network.parameters, name, needs_error=False), name) for name in network.parameters
        }
        network.connect(graph, self.x, leaves, network.parameters.statistics, None)
        self.z = next(node for node in graph.nodes if node.name == f"{layer}.z")
        self.chosen = graph.add(Input(self.z.shape), "chosen")
        self.chosen.value = np.eye(self.z.shape[0], dtype=graph.dtype)[:, units]  # (units, shown)
        self.total = graph.add(Sum(graph.add(Multiply(self.z, self.chosen))), "excitation")
        graph.differentiate(self.total)

    def ascend(self, norm: float, rng: np.random.Generator) -> Array:
        """Return the inputs (inputs, shown) of this norm that excite the units most, starting from noise.

        Each step follows the direction of the error signal and projects x back to the sphere ‖x‖ = norm (Erhan et al.,
        Visualizing Higher-Layer Features of a Deep Network, 2009). For a unit of the first layer, the result is its
        weight vector, scaled.

        Raises:
            DivergedError: an intermediate value is not finite.
        """
        noise = rng.standard_normal((self.x.shape[0], self.chosen.value.shape[1]))
        x = self.x.value = norm * directions(noise.astype(self.graph.dtype))
        self.graph.bind(x.shape[1])
        with np.errstate(all="ignore"):  # overflow is detected below
            for step in range(STEPS):
                self.graph.forward()
                self.graph.backward()
                x += STRIDE * (1 - step / STEPS) * norm * directions(self.x.error)
                x[...] = norm * directions(x)
        if not (np.isfinite(x).all() and np.isfinite(self.total.value)):
            raise DivergedError(
                "the value of a unit or the error signal of the input is not finite; use an earlier checkpoint"
            )
        return x


def typical_norm(pixels: int, full_ink: float) -> float:
    """Return the norm of an image with ink in a tenth of its pixels, like a digit; `full_ink` is the value of ink."""
    return math.sqrt(0.1 * pixels) * full_ink


def directions(columns: Array) -> Array:
    """Return the columns scaled to norm 1; a column of zeros stays 0."""
    norms = np.linalg.norm(columns, axis=0)
    return np.asarray(columns / np.where(norms == 0, 1, norms))
