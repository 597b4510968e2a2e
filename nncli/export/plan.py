"""A trained network at evaluation as a sequence of operations with their arrays; every format is written from it.

A plan is read from the evaluation graph, so the wiring of a network has a single owner (`nncli.nn.network`). Values
have the names of the graph's nodes, such as `hidden1.z` and `hidden1.y`, and one row per example.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nncli.build import Trained
from nncli.engine.graph import Input, Node
from nncli.errors import ExportError
from nncli.nn import activations, affine, batch_norm, local
from nncli.nn.losses import CrossEntropy, LogisticCrossEntropy, Loss, SquaredError

Floats = NDArray[np.float32]

Reading = Literal["softmax", "logistic", "clip"]
"""How outputs y become probabilities: softmax(y); σ(y) scaled to sum 1; y clipped to [1e-12, 1] and scaled to sum 1."""

_READINGS: dict[Any, Reading] = {
    CrossEntropy.predictions: "softmax",
    LogisticCrossEntropy.predictions: "logistic",
    SquaredError.predictions: "clip",
}
_ACTIVATION_NAMES = {node: name for name, node in activations.ACTIVATIONS.items()}


@dataclass(frozen=True)
class Images:
    """How images become inputs: deskewed, centred in a frame, flattened by rows, and scaled.

    Attributes:
        shape: (rows, columns) of an image, uint8; 0 is background and 255 is ink.
        deskew: whether each digit is sheared until it is upright (`nncli.data.preparation.deskewed`).
        frame: (rows, columns) of the frame; an odd row or column of background is added last.
        factor, shift: an input is factor * pixel - shift, in float32.
    """

    shape: tuple[int, int]
    deskew: bool
    frame: tuple[int, int]
    factor: float
    shift: float

    @property
    def pixels(self) -> int:
        """The number of inputs."""
        return self.frame[0] * self.frame[1]

    @property
    def margins(self) -> tuple[int, int, int, int]:
        """The rows and columns of background around an image: top, left, bottom, right."""
        extra = [outer - inner for outer, inner in zip(self.frame, self.shape, strict=True)]
        top, left = (each // 2 for each in extra)
        return top, left, extra[0] - top, extra[1] - left


@dataclass(frozen=True, eq=False)
class Operation:
    """The computation of a value from others.

    Attributes:
        name: the name of the value, such as `hidden1.z`.
        inputs: the names of the values it is computed from.
        units: the number of units, for each example.
        arrays: the parameters and statistics by their names in a checkpoint.
    """

    name: str
    inputs: tuple[str, ...]
    units: int
    arrays: dict[str, Floats]


@dataclass(frozen=True, eq=False)
class Concatenate(Operation):
    """The units of the inputs, in order."""


@dataclass(frozen=True, eq=False)
class Affine(Operation):
    """z = W x + b; the arrays are W (units, inputs) and b (units,).

    Attributes:
        local: whether the units are locally connected; W is 0 outside of their windows.
    """

    local: bool = False


@dataclass(frozen=True, eq=False)
class BatchNorm(Operation):
    """γ (x - μ) / √(σ² + ε) + β; the arrays are γ, β, μ and σ², each (units,)."""

    epsilon: float = batch_norm.EPSILON

    @property
    def slope_and_offset(self) -> tuple[Floats, Floats]:
        """The same map as slope * x + offset."""
        gain, shift, mean, variance = (array.astype(np.float64) for array in self.arrays.values())
        slope = gain / np.sqrt(variance + self.epsilon)
        return slope.astype(np.float32), (shift - slope * mean).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Activation(Operation):
    """φ(z) for each unit; `function` is a name in `nncli.nn.activations.ACTIVATIONS`."""

    function: str


@dataclass(frozen=True, eq=False)
class Plan:
    """A network at evaluation.

    Attributes:
        title: the run, its data and its epoch, in one line.
        images: the preparation of the value `input`.
        operations: in order of computation.
        output: the name of the output layer's value.
        reading: how that value becomes class probabilities.
    """

    title: str
    images: Images
    operations: tuple[Operation, ...]
    output: str
    reading: Reading

    @property
    def arrays(self) -> dict[str, Floats]:
        """The arrays of all operations, by their names in a checkpoint."""
        return {name: array for operation in self.operations for name, array in operation.arrays.items()}


def plan(trained: Trained) -> Plan:
    """Return the plan of a trained network; its arrays are float32 copies.

    Raises:
        ExportError: the network has a node that no operation describes.
    """
    graph, scaling = trained.graph, trained.inputs.scaling
    images = Images(
        shape=trained.image_shape,
        deskew=trained.config.data.deskew,
        frame=trained.inputs.shape,
        factor=float(np.float32(1 / scaling.deviation)),
        shift=float(np.float32(scaling.mean / scaling.deviation)),
    )
    statistics = {id(array): name for name, array in trained.network.parameters.statistics.items()}
    nodes = [node for node in graph.graph.nodes if not isinstance(node, Input | Loss)]
    return Plan(
        title=f"{trained.config.name}, trained on {trained.inputs.dataset}, epoch {trained.epoch}",
        images=images,
        operations=tuple(_operation(node, statistics) for node in nodes),
        output=graph.outputs.name,
        reading=_READINGS[type(graph.loss).predictions],
    )


def _operation(node: Node, statistics: dict[int, str]) -> Operation:
    """Return the operation of a node; `statistics` has the names of running means and variances."""
    units = node.shape[0]
    match node:
        case affine.Concatenate():
            return Concatenate(node.name, tuple(part.name for part in node.parents), units, {})
        case local.Local():
            full = {node.weights.name: node.matrix().astype(np.float32)}
            return Affine(node.name, (node.x.name,), units, full | _copies(node.bias), local=True)
        case affine.Affine():
            return Affine(node.name, (node.x.name,), units, _copies(node.weights, node.bias))
        case batch_norm.BatchNorm():
            measured = {statistics[id(array)]: array.astype(np.float32) for array in (node.mean, node.variance)}
            return BatchNorm(node.name, (node.x.name,), units, _copies(node.gain, node.shift) | measured)
        case activations.Activation() if type(node) in _ACTIVATION_NAMES:
            return Activation(node.name, (node.x.name,), units, {}, _ACTIVATION_NAMES[type(node)])
    raise ExportError(f"{node.name}: a network with {type(node).__name__} cannot be exported")


def _copies(*leaves: Node) -> dict[str, Floats]:
    return {leaf.name: leaf.value.astype(np.float32) for leaf in leaves}
