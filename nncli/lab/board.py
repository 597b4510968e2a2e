"""A blackboard: a computation graph beside the symbols and formulas that people write for its nodes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import BATCH, AnyNode, Graph, Input, Node
from nncli.errors import GraphError

Values: TypeAlias = Mapping[str, Sequence[float]]
"""Numbers for some inputs by name; a matrix's row by row."""


@dataclass(frozen=True)
class Written:
    """How a node is written, in LaTeX.

    Attributes:
        symbol: v.
        formula: of its parents; empty for what is given.
        contributions: per parent's name, what the node adds to that parent's error signal.
    """

    symbol: str
    formula: str = ""
    contributions: Mapping[str, str] = field(default_factory=dict)


class Board:
    """A graph in float64 for one example, written down node by node.

    Args:
        values: numbers that take the place of those the board would give its inputs.
    """

    def __init__(self, values: Values) -> None:
        self.graph = Graph(np.float64)
        self.written: dict[Node, Written] = {}
        self.given: dict[str, Input] = {}
        self._values = values

    def weight(self, name: str, default: npt.ArrayLike, symbol: str = "") -> Input:
        """Write down an input that the loss is differentiated with respect to."""
        return self._input(name, default, symbol, needs_error=True)

    def data(self, name: str, default: npt.ArrayLike, symbol: str = "") -> Input:
        """Write down an input that needs no error signal."""
        return self._input(name, default, symbol, needs_error=False)

    def constant(self, value: npt.ArrayLike) -> Input:
        """Add a leaf in the place of a parameter that the formulas hold already, such as a vector of ones."""
        array = np.array(value, np.float64)
        leaf = self.graph.add(Input(array.shape, needs_error=True))
        leaf.value = array
        return leaf

    def write(self, name: str, node: AnyNode, formula: str, symbol: str = "", **contributions: str) -> AnyNode:
        """Write down a node with what it adds to the error signal of each parent."""
        self.graph.add(node, name)
        self.written[node] = Written(symbol or name, formula, contributions)
        return node

    def _input(self, name: str, default: npt.ArrayLike, symbol: str, *, needs_error: bool) -> Input:
        value = np.array(default, np.float64)
        numbers = self._values.get(name)
        if numbers is not None:
            if len(numbers) != value.size:
                raise GraphError(f"input '{name}' takes {value.size} number{'s'[: value.size > 1]}, not {len(numbers)}")
            value = np.array(numbers, np.float64).reshape(value.shape)
        shape = (len(value), BATCH) if value.shape[1:] == (1,) else value.shape  # a column is a batch of one example
        leaf = self.given[name] = self.graph.add(Input(shape, needs_error=needs_error), name)
        leaf.value = value
        self.written[leaf] = Written(symbol or name)
        return leaf


@dataclass(frozen=True)
class Example:
    """One of the lecture's computations.

    Attributes:
        title: what it computes.
        slide: where the lecture has it.
        write: writes it on a board and gives the node to differentiate.
    """

    title: str
    slide: str
    write: Callable[[Board], Node]

    def on_board(self, values: Values) -> Board:
        """Write the example, with these numbers for some of its inputs, and choose what to differentiate.

        Raises:
            GraphError: a name is no input of it, or the numbers are too many or too few.
        """
        board = Board(values)
        result = self.write(board)
        for name in values:
            if name not in board.given:
                raise GraphError(f"there is no input '{name}'; this example's are {', '.join(board.given)}")
        board.graph.differentiate(result)
        board.graph.bind(1)
        return board
