"""Circuits as networks of hard thresholds, and networks run on all 2^D inputs of a Boolean function."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nncli.engine.graph import Array
from nncli.lab.boolean.expression import Bits
from nncli.lab.boolean.function import Function
from nncli.lab.boolean.gates import Circuit
from nncli.nn.network import INPUT, Layer, Network, NetworkGraph

BLOCK_VALUES = 1 << 23
"""The largest number of activations for one block of inputs: 32 MB in float32, and as much again for the logits."""


def of_circuit(circuit: Circuit) -> Network:
    """Build a layer of hard thresholds for each depth of a circuit."""
    levels = circuit.levels()
    names = [INPUT, *(f"hidden{depth}" for depth in range(1, len(levels) - 1)), "output"]
    layers = [
        Layer(name, len(level.nodes), "hard_threshold", tuple(names[below] for below in level.reads))
        for name, level in zip(names[1:], levels[1:], strict=True)
    ]
    network = Network(circuit.inputs, layers)
    for layer, level in zip(layers, levels[1:], strict=True):
        weights, bias = network.parameters.value(layer.weights), network.parameters.value(layer.bias)
        column = {node: k for k, node in enumerate(node for below in level.reads for node in levels[below].nodes)}
        for row, node in enumerate(level.nodes):
            gate = circuit.gates[node]
            bias[row] = gate.bias
            for source, weight in gate.weights.items():
                weights[row, column[source]] = weight
    return network


def outputs(network: Network, inputs: Bits, *, false: Literal[0, -1] = 0) -> Array:
    """Return the outputs, (n,), of a network with one output unit for inputs (D, n), where true is 1."""
    graph = NetworkGraph(network, "squared_error")
    numbers = np.where(inputs, 1, false).astype(graph.graph.dtype)
    size = max(1, BLOCK_VALUES // sum(layer.units for layer in network.layers))
    values = []
    for start in range(0, numbers.shape[1], size):
        block = numbers[:, start : start + size]
        graph.forward(block, np.zeros((1, block.shape[1]), graph.graph.dtype))
        values.append(graph.outputs.value[0].copy())
    return np.concatenate(values)


def misclassified(network: Network, table: Function, *, false: Literal[0, -1] = 0) -> NDArray[np.intp]:
    """Return the indices of the inputs for which the network's output is not exactly the function's value."""
    return np.flatnonzero(outputs(network, table.inputs(), false=false) != np.where(table.outputs, 1, false))
