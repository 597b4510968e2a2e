"""Networks run on all 2^D inputs of a Boolean function."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nncli.engine.graph import Array
from nncli.lab.boolean.expression import Bits
from nncli.lab.boolean.function import Function
from nncli.nn.network import Network, NetworkGraph

BLOCK_VALUES = 1 << 23
"""The largest number of activations for one block of inputs: 32 MB in float32, and as much again for the logits."""


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


def verdict(errors: int, inputs: int) -> str:
    """Return the result of the verification on all inputs."""
    if errors:
        return f"WRONG for {errors:,} of {inputs:,} inputs"
    return f"verified: the network's output equals the function's value for all {inputs:,} inputs"
