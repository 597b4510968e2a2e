"""Backpropagation step by step through any network from a configuration: shapes and norms instead of matrices.

The same two passes as on the lecture's graphs (see `nncli.lab.backprop`), on one training example. Beside the norm of
each error signal stands the derivative of the loss along that error signal's own direction, by numeric differences:
the two are equal when the backward pass is right.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nncli import build
from nncli.config.load import from_mapping, to_mapping
from nncli.config.schema import Config
from nncli.data.batches import Batches
from nncli.data.dataset import Dataset
from nncli.engine.gradcheck import STEPS, directional_derivative
from nncli.engine.graph import Array, Graph, Node
from nncli.errors import DataError
from nncli.gradient_check import in_float64
from nncli.lab.backprop import contributions, recompute_after
from nncli.nn.network import NetworkGraph

FORMULAS = {
    "Input": "given",
    "Parameter": "given",
    "Concatenate": "the inputs, one above the other",
    "Affine": "W x + b",
    "Linear": "z",
    "ReLU": "max(0, z)",
    "SoftReLU": "log(1 + eᶻ)",
    "HardThreshold": "1 if z > 0, else 0",
    "Logistic": "1 / (1 + e⁻ᶻ)",
    "Tanh": "tanh z",
    "CrossEntropy": "-Σ t log softmax(z)",
    "LogisticCrossEntropy": "-Σ t log σ(z) + (1 - t) log(1 - σ(z))",
    "SquaredError": "½ ‖y - t‖²",
    "L2Penalty": "λ/2 Σ w²",
    "L1Penalty": "λ Σ |w|",
    "Add": "L + penalty",
}


@dataclass(frozen=True)
class NetworkStep:
    """One node: its shape, the norms of its value and error signal, and of each child's contribution to that.

    Attributes:
        numeric: the derivative of the loss along the direction of the error signal.
    """

    name: str
    formula: str
    shape: tuple[int, ...]
    norm: float
    error_norm: float | None = None
    numeric: float | None = None
    contributions: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class NetworkWalk:
    """Both passes on one example of a training set, with the weights as they are first drawn and no dropout."""

    name: str
    dataset: str
    example: int
    label: int
    steps: tuple[NetworkStep, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def walk_network(config: Config, data: Dataset, example: int) -> NetworkWalk:
    """Make both passes on training example number `example`, from 0, in float64 and by the chain rule.

    Raises:
        DataError: there is no such example.
    """
    if not 0 <= example < len(data.labels):
        raise DataError(f"there is no example {example}; {data.name} has examples 0 to {len(data.labels) - 1}")
    config = without_noise(in_float64(config))
    batches = Batches(
        data.images,
        data.labels,
        np.array([example]),
        batch_size=1,
        scaling=build.scaling(config, data.images),
        dtype=np.float64,
    )
    network = build.network(config, data.images[0].size)
    graph = build.training_graph(config, network, np.random.default_rng())
    graph.forward(*next(batches.epoch()))
    graph.backward()
    return NetworkWalk(config.name, data.name, example, int(data.labels[example]), _steps(graph))


def without_noise(config: Config) -> Config:
    """Give the configuration of the same network without dropout."""
    mapping: dict[str, Any] = to_mapping(config)
    mapping["model"]["input_dropout_probability"] = 0.0
    for layer in mapping["model"]["layers"]:
        layer["dropout_probability"] = 0.0
    return from_mapping(mapping)


def _steps(graph: NetworkGraph) -> tuple[NetworkStep, ...]:
    terms = contributions(graph.graph)
    return tuple(_step(graph.graph, node, terms.get(node, [])) for node in graph.graph.nodes)


def _step(graph: Graph, node: Node, terms: list[tuple[Node, Array]]) -> NetworkStep:
    formula, shape = FORMULAS.get(type(node).__name__, node.formula), node.value.shape
    norm = float(np.linalg.norm(node.value))
    if node not in graph.differentiated:
        return NetworkStep(node.name, formula, shape, norm)
    error_norm = float(np.linalg.norm(node.error))
    return NetworkStep(
        node.name,
        formula,
        shape,
        norm,
        error_norm,
        _along(graph, node, error_norm),
        tuple((child.name, float(np.linalg.norm(term))) for child, term in terms),
    )


def _along(graph: Graph, node: Node, error_norm: float) -> float:
    """Differentiate along the error signal; where that is 0, so must be every derivative, and one is taken for all."""
    direction = node.error / error_norm if error_norm else np.full(node.value.shape, node.value.size**-0.5)
    derivative = directional_derivative(lambda: recompute_after(graph, node), node.value, direction, STEPS[1])
    recompute_after(graph, node)
    return derivative
