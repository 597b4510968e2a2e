"""Networks that compute Boolean functions: run on all 2^D inputs by the engine, in blocks, compared with a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nncli.engine.graph import BATCH, Array, Graph, Input
from nncli.engine.parameters import Parameter
from nncli.errors import GraphError
from nncli.lab.expression import Bits
from nncli.lab.truth_table import TruthTable
from nncli.nn.network import INPUT, Network

BLOCK_VALUES = 1 << 23
"""Values of all layers together that one block of inputs may need: 32 MB in float32, and as much before activation."""


@dataclass(frozen=True, eq=False)
class BooleanNetwork:
    """A network of D inputs and one output.

    Attributes:
        variables: names of the inputs.
        network: one output unit.
        false: the number that stands for false, in the inputs and the output; true is 1.
    """

    variables: tuple[str, ...]
    network: Network
    false: Literal[0, -1]

    def outputs(self, inputs: Bits) -> Array:
        """Run the network on inputs (D, n); gives the output unit's values, (n,)."""
        graph = Graph(self.network.parameters.values.dtype)
        x = graph.add(Input((self.network.input_units, BATCH)), INPUT)
        leaves = {name: graph.add(Parameter(self.network.parameters, name), name) for name in self.network.parameters}
        y = self.network.connect(graph, x, leaves, None)[self.network.output]
        result = np.empty(inputs.shape[1], graph.dtype)
        for block in self._blocks(inputs.shape[1]):
            x.value = self.encode(inputs[:, block])
            graph.bind(x.value.shape[1])
            graph.forward()
            result[block] = y.value[0]
        return result

    def _blocks(self, count: int) -> Iterator[slice]:
        size = max(1, min(count, BLOCK_VALUES // sum(layer.units for layer in self.network.layers)))
        for start in range(0, count, size):
            yield slice(start, start + size)

    def encode(self, bits: Bits) -> Array:
        """Write truth values as numbers."""
        numbers: Array = np.where(bits, 1, self.false).astype(self.network.parameters.values.dtype)
        return numbers

    def mistakes(self, table: TruthTable) -> NDArray[np.intp]:
        """Give the rows of a table where the network's output is not exactly the function's value, (mistakes,)."""
        return np.flatnonzero(self.outputs(table.inputs()) != self.encode(table.outputs))

    def table(self) -> TruthTable:
        """Compute the function.

        Raises:
            GraphError: an output is not exactly one of the two truth values.
        """
        table = TruthTable(self.variables, np.zeros(1 << len(self.variables), bool))
        y = self.outputs(table.inputs())
        if not np.isin(y, (self.false, 1)).all():
            raise GraphError(f"the network gives {float(y[~np.isin(y, (self.false, 1))][0])}, which is no truth value")
        return TruthTable(self.variables, y == 1)
