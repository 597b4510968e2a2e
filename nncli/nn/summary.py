"""The cost of a network layer by layer, counted from its training graph, and its diagram in the DOT language."""

import math
from dataclasses import dataclass

import numpy as np

from nncli.nn.network import INPUT, Network, NetworkGraph


@dataclass(frozen=True)
class LayerSummary:
    """One layer and its cost.

    Attributes:
        inputs: the layers it reads.
        shape: the shape of its weight matrix, (units, inputs).
        parameters: the number of weights, biases and other parameters.
        forward: multiply-adds per example in the forward pass.
        backward: multiply-adds per example in the backward pass.
        memory: bytes of values, error signals and workspaces for one batch.
    """

    name: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    activation: str
    parameters: int
    forward: int
    backward: int
    memory: int


def summarize(network: Network, loss: str, batch_size: int) -> list[LayerSummary]:
    """Count parameters, multiply-adds and memory of each layer in training, in topological order."""
    graph = NetworkGraph(network, loss, rng=np.random.default_rng()).graph
    graph.bind(batch_size)
    rows = []
    for layer in network.layers:
        nodes = [node for node in graph.nodes if node.name.startswith(f"{layer.name}.")]
        costs = [node.multiply_adds() for node in nodes]
        shapes = network.parameters.shapes
        own = [shape for name, shape in shapes.items() if name.startswith(f"{layer.name}.")]
        rows.append(
            LayerSummary(
                name=layer.name,
                inputs=layer.inputs,
                shape=shapes[layer.weights],
                activation=layer.activation,
                parameters=sum(map(math.prod, own)),
                forward=sum(forward for forward, _ in costs),
                backward=sum(backward for _, backward in costs),
                memory=sum(node.nbytes() for node in nodes),
            )
        )
    return rows


def to_dot(network: Network, title: str) -> str:
    """Return a diagram of the layers and their inputs in the Graphviz DOT language; layer names contain no quotes."""
    lines = [f'digraph "{title}" {{', "  rankdir=BT;", '  node [shape=box, fontname="sans-serif"];']
    lines.append(f'  "{INPUT}" [label="{INPUT}\\n{network.input_units}"];')
    for layer in network.layers:
        lines.append(f'  "{layer.name}" [label="{layer.name}\\n{layer.units} {layer.activation}"];')
        lines += [f'  "{source}" -> "{layer.name}";' for source in layer.inputs]
    return "\n".join([*lines, "}"])
