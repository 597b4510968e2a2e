"""The two passes through one of the lecture's graphs, written down node by node, as any format shows them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nncli.engine.gradcheck import STEPS, numeric_derivative
from nncli.engine.graph import Array, Graph, Node
from nncli.errors import GraphError
from nncli.lab.lecture_graphs import Board, Example, Values
from nncli.lab.notation import bar


@dataclass(frozen=True)
class Contribution:
    """What one child adds to a node's error signal: v̄_j ∂v_j/∂v_i, with its formula in LaTeX."""

    child: str
    formula: str
    value: Array


@dataclass(frozen=True)
class Step:
    """One node v of the graph.

    Attributes:
        symbol: of v, in LaTeX.
        formula: of v from its parents, in LaTeX; empty for what is given.
        error: the error signal v̄ by the backward pass; None where none was asked for.
        numeric: the same by numeric differences.
        contributions: of each child; v̄ is their sum.
    """

    name: str
    symbol: str
    formula: str
    value: Array
    error: Array | None = None
    numeric: Array | None = None
    contributions: tuple[Contribution, ...] = ()

    @property
    def error_formula(self) -> str:
        """The sum of the contributions; v̄_N = 1 for the node that is differentiated."""
        return " + ".join(each.formula for each in self.contributions).replace("+ -", "- ") or "1"

    def to_values(self) -> dict[str, Any]:
        """Return plain values; arrays become lists of lists."""
        values: dict[str, Any] = {"name": self.name, "formula": self.formula, "value": self.value.tolist()}
        if self.error is not None and self.numeric is not None:
            values |= {"error": self.error.tolist(), "numeric": self.numeric.tolist()}
            values["contributions"] = [
                {"child": each.child, "formula": each.formula, "value": each.value.tolist()}
                for each in self.contributions
            ]
        return values


class ErrorLine(NamedTuple):
    """A line of the backward pass: an error signal, or where one is a sum, a term of it.

    Attributes:
        symbol: v̄ in LaTeX; empty for a term.
        source: the symbol of the child that a term comes from.
        numeric: the derivative by differences; None for a term.
    """

    symbol: str
    source: str
    formula: str
    value: Array
    numeric: Array | None


def backward(steps: Sequence[Step]) -> Iterator[ErrorLine]:
    """Yield the lines of the backward pass in its own order."""
    symbols = {step.name: step.symbol for step in steps}
    for step in reversed(steps):
        if step.error is None:
            continue
        yield ErrorLine(bar(step.symbol), "", step.error_formula, step.error, step.numeric)
        if len(step.contributions) > 1:
            for each in step.contributions:
                yield ErrorLine("", symbols[each.child], each.formula, each.value, None)


def walk(example: Example, values: Values | None = None) -> list[Step]:
    """Make both passes through an example, with these numbers for some of its inputs, in topological order.

    Raises:
        GraphError: a name is no input of it, the numbers are too many or too few, or lead to what is not finite.
    """
    board = Board(example.write, values or {})
    with np.errstate(all="ignore"):  # what is not finite is named below
        board.graph.forward()
        board.graph.backward()
        terms = contributions(board.graph)
        written = [node for node in board.graph.nodes if node in board.written]
        steps = [_step(board, node, terms.get(node, [])) for node in written]
    for step in steps:
        if not all(np.isfinite(array).all() for array in (step.value, step.error, step.numeric) if array is not None):
            raise GraphError(f"'{step.name}' or its derivative is not finite for these numbers; choose smaller ones")
    return steps


def contributions(graph: Graph) -> dict[Node, list[tuple[Node, Array]]]:
    """Return what each child adds to a node's error signal, after a backward pass.

    A child's `backward` depends on its own error signal and its parents' values alone, so asking the children once
    more, in topological order, has each write its own term to `d_parents` again, alone; the errors of the pass are
    then put back.
    """
    errors = {node: node.error.copy() for node in graph.differentiated}
    terms: dict[Node, list[tuple[Node, Array]]] = {}
    for child in graph.differentiated:
        child.backward()
        for parent, d_parent in zip(child.parents, child.d_parents, strict=True):
            if parent in errors:
                terms.setdefault(parent, []).append((child, d_parent.copy()))
    for node, error in errors.items():
        node.error[...] = error
    return terms


def recompute_after(graph: Graph, node: Node) -> float:
    """Compute every node after this one from its value as it stands, and return the scalar to differentiate."""
    for later in graph.nodes[graph.nodes.index(node) + 1 :]:
        later.forward()
    return float(graph.loss.value)


def _step(board: Board, node: Node, terms: list[tuple[Node, Array]]) -> Step:
    """Write one node down; its value is changed for the numeric derivative, and put back."""
    graph, written = board.graph, board.written[node]
    value = node.value.astype(np.float64)
    if node not in graph.differentiated:
        return Step(node.name, written.symbol, written.formula, value)
    indices = list(np.ndindex(value.shape))
    numeric = numeric_derivative(lambda: recompute_after(graph, node), node.value, indices, STEPS[1])
    recompute_after(graph, node)
    added = (Contribution(child.name, board.written[child].contributions[node], term) for child, term in terms)
    return Step(
        node.name,
        written.symbol,
        written.formula,
        value,
        error=node.error.copy(),
        numeric=numeric.reshape(value.shape),
        contributions=tuple(added),
    )
