"""The input that excites a unit most, found by gradient ascent: what a unit of a deeper layer looks for."""

import math

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import BATCH, Array, Graph, Input
from nncli.engine.parameters import Parameter
from nncli.errors import DivergedError, GraphError
from nncli.nn.arithmetic import Multiply, Sum
from nncli.nn.credit import Credit
from nncli.nn.network import INPUT, Network

STEPS = 60
STRIDE = 0.5  # of the norm: the first step's length; the later ones shorten to none


class Excitation:
    """The graph in which a layer's chosen units are loss and the network's input is what moves.

    Its scalar is Σ_n z_{u(n), n}: example n asks for unit u(n) alone, so that its error signal is dz_{u(n)}/dx and one
    pass back serves all units at once. z is the pre-activation, which has a slope where an activation has none.

    Args:
        network: whose weights stay as they are.
        layer: the name of the layer.
        units: (shown,), which of its units.

    Raises:
        GraphError: there is no such layer or unit.
    """

    def __init__(self, network: Network, layer: str, units: npt.NDArray[np.integer]) -> None:
        self.graph = graph = Graph(network.parameters.values.dtype)
        self.x = graph.add(Input((network.input_units, BATCH), needs_error=True), INPUT)
        leaves = {name: graph.add(Parameter(network.parameters, name), name) for name in network.parameters}
        network.connect(graph, self.x, leaves, None, Credit())
        try:
            self.z = next(node for node in graph.nodes if node.name == f"{layer}.z")
            chosen = np.eye(self.z.shape[0], dtype=graph.dtype)[:, units]  # (units, shown)
        except (StopIteration, IndexError) as error:
            raise GraphError(f"layer '{layer}' or one of its units is not in the network") from error
        self.chosen = graph.add(Input(self.z.shape), "chosen")
        self.chosen.value = chosen
        self.total = graph.add(Sum(graph.add(Multiply(self.z, self.chosen))), "excitation")
        graph.differentiate(self.total)

    def ascend(self, norm: float, rng: np.random.Generator, steps: int = STEPS) -> Array:
        """Return the inputs (inputs, shown) of this norm that excite the units most, climbing from noise.

        Each step goes along the error signal's direction and back onto the sphere ‖x‖ = norm (Erhan et al.,
        Visualizing Higher-Layer Features of a Deep Network, 2009). For a unit that reads the input itself the
        answer is its weight vector, scaled.

        Raises:
            DivergedError: a value on the way is not finite.
        """
        noise = rng.standard_normal((self.x.shape[0], self.chosen.value.shape[1]))
        x = self.x.value = norm * _directions(noise.astype(self.graph.dtype))
        self.graph.bind(x.shape[1])
        with np.errstate(all="ignore"):  # what overflows is not finite, and that is checked
            for step in range(steps):
                self.graph.forward()
                self.graph.backward()
                x += STRIDE * (1 - step / steps) * norm * _directions(self.x.error)
                x[...] = norm * _directions(x)
        if not (np.isfinite(x).all() and np.isfinite(self.total.value)):
            raise DivergedError("a unit or the input's error signal is not finite; use an earlier checkpoint")
        return x


def typical_norm(pixels: int, full_ink: float) -> float:
    """Return the norm of an image with a tenth of its pixels inked, as a digit has; an inked one is `full_ink`."""
    return math.sqrt(0.1 * pixels) * full_ink


def _directions(columns: Array) -> Array:
    """Scale each column to norm 1; a column of zeros stays."""
    norms = np.linalg.norm(columns, axis=0)
    directions: Array = columns / np.where(norms == 0, 1, norms)
    return directions
