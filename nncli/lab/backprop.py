"""Backpropagation step by step, on the lecture's own graphs.

The lecture (slide "Full backpropagation algorithm") claims that one pass forward and one pass back through a graph in
topological order give the derivative of its last node with respect to every other: v̄_N = 1, and for i = N-1, ..., 1
v̄_i = Σ_{j ∈ Ch(i)} v̄_j ∂v_j/∂v_i. Here the engine that trains MNIST makes both passes on the lecture's examples.
Every value and error signal is written down; where a node has several children, each one's term of the sum too; and
beside it the derivative by numeric differences, which knows nothing of the chain rule.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nncli.engine.gradcheck import STEPS, numeric_derivative
from nncli.engine.graph import Array, Graph, Node
from nncli.errors import GraphError
from nncli.lab.board import Board, Values
from nncli.lab.lecture_graphs import EXAMPLES
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
    def error_symbol(self) -> str:
        """v̄."""
        return bar(self.symbol)

    @property
    def error_formula(self) -> str:
        """The sum of the contributions; v̄_N = 1 for the node that is differentiated."""
        return " + ".join(each.formula for each in self.contributions).replace("+ -", "- ") or "1"


@dataclass(frozen=True)
class Walk:
    """Both passes through one example: its nodes in topological order."""

    example: str
    title: str
    slide: str
    steps: tuple[Step, ...]

    def symbol(self, name: str) -> str:
        """Give the symbol of a node by name."""
        return next(step.symbol for step in self.steps if step.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values; arrays become lists of lists."""
        return {
            "example": self.example,
            "title": self.title,
            "slide": self.slide,
            "steps": [_to_dict(step) for step in self.steps],
        }


def walk(example: str, values: Values | None = None) -> Walk:
    """Make both passes through one of EXAMPLES, with these numbers for some of its inputs.

    Raises:
        GraphError: a name is no input of it, the numbers are too many or too few, or lead to what is not finite.
    """
    about = EXAMPLES[example]
    board = about.on_board(values or {})
    with np.errstate(all="ignore"):  # what is not finite is named below
        board.graph.forward()
        board.graph.backward()
        terms = contributions(board.graph)
        written = [node for node in board.graph.nodes if node in board.written]
        steps = tuple(_step(board, node, terms.get(node, [])) for node in written)
    for step in steps:
        if not all(np.isfinite(array).all() for array in (step.value, step.error, step.numeric) if array is not None):
            raise GraphError(f"'{step.name}' or its derivative is not finite for these numbers; choose smaller ones")
    return Walk(example, about.title, about.slide, steps)


def contributions(graph: Graph) -> dict[Node, list[tuple[Node, Array]]]:
    """Give what each child adds to a node's error signal, after a backward pass.

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
    """Compute every node after this one from its value as it stands, and give the scalar to differentiate."""
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
    return Step(
        name=node.name,
        symbol=written.symbol,
        formula=written.formula,
        value=value,
        error=node.error.copy(),
        numeric=numeric.reshape(value.shape),
        contributions=tuple(
            Contribution(child.name, board.written[child].contributions[node.name], term) for child, term in terms
        ),
    )


def _to_dict(step: Step) -> dict[str, Any]:
    plain: dict[str, Any] = {"name": step.name, "formula": step.formula, "value": step.value.tolist()}
    if step.error is None or step.numeric is None:
        return plain
    return plain | {
        "error": step.error.tolist(),
        "numeric": step.numeric.tolist(),
        "contributions": [
            {"child": each.child, "formula": each.formula, "value": each.value.tolist()} for each in step.contributions
        ],
    }
