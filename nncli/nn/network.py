"""A feed-forward neural network: a directed acyclic graph of layers over one weight space."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import BATCH, Array, Graph, Input, Node, Shape
from nncli.engine.parameters import Parameter, Parameters
from nncli.errors import GraphError
from nncli.nn.activations import ACTIVATIONS
from nncli.nn.affine import Affine, Concatenate
from nncli.nn.arithmetic import Add
from nncli.nn.batch_norm import BatchNorm
from nncli.nn.credit import Credit
from nncli.nn.dropout import Dropout
from nncli.nn.initializers import INITIALIZERS
from nncli.nn.local import Local, Plane, Windows
from nncli.nn.losses import LOSSES, Loss
from nncli.nn.regularizers import L1Penalty, L2Penalty

INPUT = "input"
"""The name of the network's input among the inputs of a layer."""


@dataclass(frozen=True)
class Layer:
    """A layer y = φ(W x + b), where x is the output of one or several layers, concatenated.

    Attributes:
        name: a unique name; the parameters are `<name>.weights` and `<name>.bias`.
        units: the number of outputs.
        activation: φ, a name in ACTIVATIONS.
        inputs: names of layers, or INPUT.
        dropout_probability: the probability of dropout of this layer's outputs in training.
        initializer: a name in INITIALIZERS.
        scale: the scale of the initializer; None for its default.
        batch_norm: whether z = W x + b is normalized over the mini-batch before φ.
        local: the windows of a locally connected layer; None for a fully connected one.
    """

    name: str
    units: int
    activation: str = "relu"
    inputs: tuple[str, ...] = (INPUT,)
    dropout_probability: float = 0.0
    initializer: str = "he"
    scale: float | None = None
    batch_norm: bool = False
    local: Windows | None = None

    @property
    def weights(self) -> str:
        """The name of the weight matrix, (units, inputs of a unit)."""
        return f"{self.name}.weights"

    @property
    def bias(self) -> str:
        """The name of the bias vector, (units,)."""
        return f"{self.name}.bias"

    @property
    def gain_and_shift(self) -> tuple[str, str]:
        """The names of γ and β of batch normalization, each (units,)."""
        return f"{self.name}.gain", f"{self.name}.shift"

    @property
    def mean_and_variance(self) -> tuple[str, str]:
        """The names of the running statistics of batch normalization, each (units,)."""
        return f"{self.name}.running_mean", f"{self.name}.running_variance"


class Network:
    """Layers in topological order and their weight space; the last layer given is the output.

    Args:
        input_units: the dimension of an example, 784 for MNIST.
        layers: the layers in any order.
        input_drop_probability: the probability of dropout of the network's inputs in training.
        dtype: of every parameter.

    Raises:
        GraphError: as in `in_topological_order`.
    """

    def __init__(
        self,
        input_units: int,
        layers: Sequence[Layer],
        *,
        input_drop_probability: float = 0.0,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.input_units = input_units
        self.input_drop_probability = input_drop_probability
        self.output = layers[-1].name
        self.layers = in_topological_order(layers)
        self.parameters = Parameters(parameter_shapes(input_units, self.layers), dtype, statistic_shapes(self.layers))

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw every weight matrix from its layer's initializer; set every bias to 0, and every gain to 1."""
        for layer in self.layers:
            scale = {} if layer.scale is None else {"scale": layer.scale}
            INITIALIZERS[layer.initializer](self.parameters.value(layer.weights), rng, **scale)
            self.parameters.value(layer.bias)[...] = 0
            if layer.batch_norm:
                (gain, _), (_, variance) = layer.gain_and_shift, layer.mean_and_variance
                self.parameters.value(gain)[...] = 1
                self.parameters.statistics[variance][...] = 1

    def connect(
        self,
        graph: Graph,
        x: Node,
        parameters: dict[str, Parameter],
        statistics: dict[str, Array],
        rng: np.random.Generator | None,
        credit: Credit | None = None,
    ) -> dict[str, Node]:
        """Add the layers' nodes to a graph and return each layer's last node by name; an `rng` is for training."""
        credit = credit or Credit()
        nodes = {INPUT: self._dropout(graph, x, self.input_drop_probability, INPUT, rng)}
        for layer in self.layers:
            sources = [credit.source(graph, nodes[name]) for name in layer.inputs]
            joined = sources[0] if len(sources) == 1 else graph.add(Concatenate(*sources), f"{layer.name}.inputs")
            make = Affine if layer.local is None else partial(Local, plane=self.plane(layer), windows=layer.local)
            affine = credit.affine(graph, make, parameters[layer.weights], joined, parameters[layer.bias])
            z: Node = graph.add(affine, f"{layer.name}.z")
            if layer.batch_norm:
                z = self._normalized(graph, z, layer, parameters, statistics, training=rng is not None)
            if layer.name == self.output:
                z = credit.output(graph, z, [nodes[other.name] for other in self.layers if other.name in nodes])
            y = graph.add(ACTIVATIONS[layer.activation](z), f"{layer.name}.y")
            nodes[layer.name] = self._dropout(graph, y, layer.dropout_probability, layer.name, rng)
        return nodes

    def plane(self, layer: Layer) -> Plane:
        """Return the plane that a locally connected layer reads."""
        return plane_below(self.input_units, self.layers, layer)

    def matrix(self, layer: Layer, parameters: Parameters | None = None) -> Array:
        """Return the weights between a layer and everything it reads, (units, inputs); 0 where there are none."""
        weights = (parameters or self.parameters).value(layer.weights)
        return weights if layer.local is None else self.plane(layer).matrix(weights, layer.local)

    @staticmethod
    def _normalized(
        graph: Graph,
        z: Node,
        layer: Layer,
        parameters: dict[str, Parameter],
        statistics: dict[str, Array],
        *,
        training: bool,
    ) -> Node:
        gain, shift = (parameters[name] for name in layer.gain_and_shift)
        mean, variance = (statistics[name] for name in layer.mean_and_variance)
        return graph.add(BatchNorm(z, gain, shift, mean, variance, training=training), f"{layer.name}.norm")

    @staticmethod
    def _dropout(graph: Graph, x: Node, probability: float, name: str, rng: np.random.Generator | None) -> Node:
        if rng is None or probability == 0:
            return x
        return graph.add(Dropout(x, probability, rng), f"{name}.dropout")


def in_topological_order(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return the layers with each after its inputs, otherwise in the given order.

    Raises:
        GraphError: a name is not unique or unknown, or layers read each other in a cycle.
    """
    names = [layer.name for layer in layers]
    if len({INPUT, *names}) <= len(names):
        raise GraphError(f"layer names must be unique and not '{INPUT}': {names}")
    ordered: list[Layer] = []
    placed = {INPUT}
    while waiting := [layer for layer in layers if layer.name not in placed]:
        ready = next((layer for layer in waiting if placed.issuperset(layer.inputs)), None)
        if ready is None:
            missing = [f"'{layer.name}' reads {sorted(set(layer.inputs) - placed)}" for layer in waiting]
            raise GraphError(f"layers form a cycle, or read unknown layers: {', '.join(missing)}")
        ordered.append(ready)
        placed.add(ready.name)
    return tuple(ordered)


def parameter_shapes(input_units: int, layers: Sequence[Layer]) -> dict[str, Shape]:
    """Return the shape of every parameter by name, layer by layer."""
    units = {INPUT: input_units} | {layer.name: layer.units for layer in layers}
    shapes: dict[str, Shape] = {}
    for layer in layers:
        inputs = sum(units[name] for name in layer.inputs)
        if layer.local:
            inputs = plane_below(input_units, layers, layer).inputs(layer.local)
        shapes[layer.weights] = (layer.units, inputs)
        shapes[layer.bias] = (layer.units,)
        if layer.batch_norm:
            shapes |= dict.fromkeys(layer.gain_and_shift, (layer.units,))
    return shapes


def plane_below(input_units: int, layers: Sequence[Layer], layer: Layer) -> Plane:
    """Return the plane that a locally connected layer reads: the image, or another locally connected layer.

    Raises:
        GraphError: it reads anything else, or its windows do not fit.
    """
    windows, below = layer.local, {each.name: each for each in layers}.get(layer.inputs[0])
    if below is None:
        plane = Plane(math.isqrt(input_units), 1)
        fits = plane.side**2 == input_units
    else:
        fits = below.local is not None
        side = below.local.grid if below.local else 1
        plane = Plane(side, below.units // side**2)
    if not (windows and fits and len(layer.inputs) == 1 and windows.window <= plane.side):
        raise GraphError(f"'{layer.name}': a locally connected layer reads windows of one plane; check its inputs")
    if layer.units % windows.grid**2:
        raise GraphError(f"'{layer.name}': {layer.units} units cannot be divided among {windows.grid**2} windows")
    return plane


def statistic_shapes(layers: Sequence[Layer]) -> dict[str, Shape]:
    """Return the shape of every running statistic by name."""
    return {name: (layer.units,) for layer in layers if layer.batch_norm for name in layer.mean_and_variance}


class NetworkGraph:
    """A network and its loss as one computation graph, with the passes over mini-batches.

    With an `rng`, it is a training graph: with dropout, penalties and error signals. Without, it can only predict and
    evaluate, or, with `of_inputs`, compute the error signal of the inputs.

    Args:
        network: the layers.
        loss: a name in LOSSES.
        rng: draws the dropout masks.
        l2: λ of the L2 penalty on all weight matrices.
        l1: λ of the L1 penalty on all weight matrices.
        parameters: the weights; the network's own by default.
        credit: how error signals reach the hidden layers; by backpropagation by default.
        of_inputs: differentiate the loss with respect to the inputs `x`, with constant parameters.

    Attributes:
        loss: the data loss L, without penalties.
        objective: the scalar that `backward` differentiates: L plus the penalties.
        nodes: each layer's last node by name.
        leaves: the parameters' nodes by name.
    """

    def __init__(
        self,
        network: Network,
        loss: str,
        *,
        rng: np.random.Generator | None = None,
        l2: float = 0.0,
        l1: float = 0.0,
        parameters: Parameters | None = None,
        credit: Credit | None = None,
        of_inputs: bool = False,
    ) -> None:
        parameters = parameters or network.parameters
        self.loss_name = loss
        self.graph = graph = Graph(parameters.values.dtype)
        self.x = graph.add(Input((network.input_units, BATCH), needs_error=of_inputs), INPUT)
        self.leaves = leaves = {
            name: graph.add(Parameter(parameters, name, needs_error=not of_inputs), name) for name in parameters
        }
        self.nodes = network.connect(graph, self.x, leaves, parameters.statistics, rng, credit)
        self.outputs = self.nodes[network.output]
        self.targets = graph.add(Input(self.outputs.shape), "targets")
        self.loss: Loss = graph.add(LOSSES[loss](self.outputs, self.targets), "loss")
        self.objective: Node = self.loss
        if rng is not None:
            weights = [leaves[layer.weights] for layer in network.layers]
            for penalty in (L2Penalty(l2, *weights), L1Penalty(l1, *weights)):
                if penalty.strength:
                    name = type(penalty).__name__
                    self.objective = graph.add(Add(self.objective, graph.add(penalty, name)), f"loss+{name}")
        if rng is not None or of_inputs:
            graph.differentiate(self.objective)

    def forward(self, x: npt.NDArray[np.floating], targets: npt.NDArray[np.floating]) -> None:
        """Compute the loss and the objective of a mini-batch: x (input units, batch), targets (output units, batch)."""
        self.x.value, self.targets.value = x, targets
        self.graph.bind(x.shape[1])
        self.graph.forward()

    def backward(self) -> None:
        """Compute the error signal of every parameter for the last forward pass."""
        self.graph.backward()
