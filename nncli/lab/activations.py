"""The six activation functions and their derivatives, computed by the nodes that networks are made of.

The lecture (slides "Some activation functions") defines each by a formula and draws it: linear, ReLU, soft ReLU,
hard threshold, logistic and tanh. Here each is one node between an input and a sum: the forward pass gives y at every
z at once, and the backward pass gives dy/dz, because every element reaches the sum with derivative 1.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nncli.engine.graph import BATCH, Graph, Input
from nncli.nn.activations import ACTIVATIONS
from nncli.nn.arithmetic import Sum

FORMULAS = {
    "linear": "y = z",
    "relu": "y = max(0, z)",
    "soft_relu": "y = log(1 + eᶻ)",
    "hard_threshold": "y = 1 if z > 0, else 0",
    "logistic": "y = 1 / (1 + e⁻ᶻ)",
    "tanh": "y = (eᶻ - e⁻ᶻ) / (eᶻ + e⁻ᶻ)",
}


@dataclass(frozen=True)
class Response:
    """One activation function at some points: y and dy/dz at each z, lists of one length."""

    name: str
    formula: str
    z: list[float]
    y: list[float]
    dy_dz: list[float]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def evaluate(name: str, z: Sequence[float]) -> Response:
    """Compute one activation function and its derivative at every point, in float64."""
    graph = Graph(np.float64)
    x = graph.add(Input((1, BATCH), needs_error=True), "z")
    y = graph.add(ACTIVATIONS[name](x), "y")
    graph.differentiate(graph.add(Sum(y), "sum"))
    x.value = np.array([z], np.float64)  # (1, points)
    graph.bind(len(z))
    graph.forward()
    graph.backward()
    return Response(name, FORMULAS[name], x.value[0].tolist(), y.value[0].tolist(), x.error[0].tolist())


def run(z: Sequence[float]) -> list[Response]:
    """Compute all six, in the lecture's order."""
    return [evaluate(name, z) for name in FORMULAS]
