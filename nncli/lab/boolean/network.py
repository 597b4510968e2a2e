"""Networks that compute Boolean functions: circuits as hard thresholds, run by the engine on all 2^D inputs."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nncli.engine.graph import Array
from nncli.lab.boolean.expression import Bits
from nncli.lab.boolean.function import Function
from nncli.lab.boolean.gates import Circuit
from nncli.nn.network import INPUT, Layer, Network, NetworkGraph

BLOCK_VALUES = 1 << 23
"""Values of all layers together that one block of inputs may need: 32 MB in float32, and as much before activation."""


def of_circuit(circuit: Circuit) -> Network:
    """Build a layer of hard thresholds for each depth of a circuit, and set their weights."""
    levels = circuit.levels()
    names = [INPUT, *(f"hidden{depth}" for depth in range(1, len(levels) - 1)), "output"]
    layers = [
        Layer(name, len(level.nodes), "hard_threshold", tuple(names[below] for below in level.reads))
        for name, level in zip(names[1:], levels[1:], strict=True)
    ]
    network = Network(circuit.inputs, layers)
    for name, level in zip(names[1:], levels[1:], strict=True):
        read = [node for below in level.reads for node in levels[below].nodes]
        column = {node: index for index, node in enumerate(read)}
        weights, bias = network.parameters.value(f"{name}.weights"), network.parameters.value(f"{name}.bias")
        for row, node in enumerate(level.nodes):
            gate = circuit.gates[node - circuit.inputs]
            for source, weight in gate.weights.items():
                weights[row, column[source]] = weight
            bias[row] = gate.bias
    return network


def outputs(network: Network, inputs: Bits, *, false: Literal[0, -1] = 0) -> Array:
    """Run a network with one output unit on inputs (D, n), in blocks; gives its values, (n,).

    Args:
        network: of D inputs.
        inputs: truth values.
        false: the number that stands for false; true is 1.
    """
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
    """Return the rows of a table where the network's output is not exactly the function's value, (rows,)."""
    return np.flatnonzero(outputs(network, table.inputs(), false=false) != np.where(table.outputs, 1, false))
