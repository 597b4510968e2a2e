"""Both passes through one of the lecture's graphs, recorded node by node for every output format."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from nncli.engine.gradcheck import STEPS, numeric_derivative
from nncli.engine.graph import Array, Graph, Node
from nncli.errors import GraphError
from nncli.lab.lecture_graphs import Values, Written, build


class Contribution(NamedTuple):
    """What one child adds to a node's error signal: v̄_j ∂v_j/∂v_i, with its formula in LaTeX."""

    child: str
    formula: str
    value: Array


class Step(NamedTuple):
    """One node v of the graph; formulas are in LaTeX."""

    name: str
    symbol: str
    formula: str  # of v as a function of its parents; empty for an input
    value: Array
    parents: Sequence[str] = ()  # without constants
    error: Array | None = None  # v̄ by the backward pass; None if it was not computed
    numeric: Array | None = None  # v̄ by finite differences
    contributions: Sequence[Contribution] = ()  # of the children, which add up to v̄

    @property
    def error_formula(self) -> str:
        """The sum of the contributions; v̄_N = 1 for the node that is differentiated."""
        return " + ".join(each.formula for each in self.contributions).replace("+ -", "- ") or "1"

    def to_values(self) -> dict[str, Any]:
        """Return plain values; arrays become lists of lists."""
        values: dict[str, Any] = {"name": self.name, "formula": self.formula, "value": self.value.tolist()}
        if self.error is not None and self.numeric is not None:
            terms = [each._asdict() | {"value": each.value.tolist()} for each in self.contributions]
            values |= {"error": self.error.tolist(), "numeric": self.numeric.tolist(), "contributions": terms}
        return values


def walk(example: Mapping[str, Any], values: Values | None = None) -> list[Step]:
    """Make both passes through an example, with these numbers for some inputs, and return its nodes in order.

    Raises:
        GraphError: a name is not an input, an input has too many or too few numbers, or a result is not finite.
    """
    graph, written = build(example, values or {})
    with np.errstate(all="ignore"):  # what is not finite is named below
        graph.forward()
        graph.backward()
        terms = contributions(graph)
        steps = [_step(graph, node, written, terms.get(node, [])) for node in written]
    for step in steps:
        if not all(np.isfinite(array).all() for array in (step.value, step.error, step.numeric) if array is not None):
            raise GraphError(f"'{step.name}' or its derivative is not finite for these numbers; choose smaller ones")
    return steps


def contributions(graph: Graph) -> dict[Node, list[tuple[Node, Array]]]:
    """Return what each child adds to a node's error signal, after a backward pass.

    A child's `backward` depends only on its own error signal and its parents' values. Calling it again, child by child
    in topological order, therefore writes each term to `d_parents` alone; the error signals are then restored.
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
    """Compute every node after this one from its present value, and return the scalar to differentiate."""
    for later in graph.nodes[graph.nodes.index(node) + 1 :]:
        later.forward()
    return float(graph.loss.value)


def _step(graph: Graph, node: Node, written: Mapping[Node, Written], terms: list[tuple[Node, Array]]) -> Step:
    """Record one node; its value is changed for the numerical derivative, then restored."""
    value = node.value.astype(np.float64)
    parents = [parent.name for parent in node.parents if parent in written]
    step = Step(node.name, written[node].symbol, written[node].formula, value, parents)
    if node not in graph.differentiated:
        return step
    indices = list(np.ndindex(value.shape))
    numeric = numeric_derivative(lambda: recompute_after(graph, node), node.value, indices, STEPS[1])
    recompute_after(graph, node)
    added = [Contribution(child.name, written[child].contributions[node], term) for child, term in terms]
    return step._replace(error=node.error.copy(), numeric=numeric.reshape(value.shape), contributions=added)
