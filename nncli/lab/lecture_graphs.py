"""The lecture's own computation graphs, made of the engine's nodes, with the formulas of both passes in LaTeX."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import yaml

from nncli.engine.graph import BATCH, Graph, Input, Node
from nncli.errors import GraphError
from nncli.lab.notation import bar, transposed
from nncli.nn.activations import Logistic
from nncli.nn.affine import Affine
from nncli.nn.arithmetic import Add, Cosine, Exp, Log, Multiply, Scale, Square, Subtract, Sum
from nncli.nn.losses import SquaredError
from nncli.nn.regularizers import L2Penalty

Values: TypeAlias = Mapping[str, Sequence[float]]
"""Numbers for some inputs by name, row by row for a matrix."""


class WeightedSum(Node):
    """z = Σ_j w_j x_j + b, for scalars: one unit of a layer. The parents are all w_j, then all x_j, then b."""

    def forward(self) -> None:
        """z = Σ_j w_j x_j + b."""
        *factors, b = (parent.value for parent in self.parents)
        self.value[...] = b
        for w, x in zip(factors[: len(factors) // 2], factors[len(factors) // 2 :], strict=True):
            self.value[...] += w * x

    def backward(self) -> None:
        """w̄_j = z̄ x_j, x̄_j = z̄ w_j, b̄ = z̄."""
        *factors, _ = (parent.value for parent in self.parents)
        others = [*factors[len(factors) // 2 :], *factors[: len(factors) // 2], np.ones(())]
        for parent, d_parent, other in zip(self.parents, self.d_parents, others, strict=True):
            if parent.needs_error:
                d_parent[...] = self.error * other


class Kind(NamedTuple):
    """How to make a node v of its parents, the formula of v, and v's term in the error signal of each parent.

    Formulas are in LaTeX. {0} is the first parent and {T[0]} its transpose, {d} is v̄, and {by} the sign of an
    elementwise product.
    """

    make: Callable[..., Node]
    formula: str
    terms: Sequence[str]


_unit = partial(WeightedSum, shape=())

KINDS = {
    "affine": Kind(Affine, "{0} {1} + {2}", ("{d} {T[1]}", "{T[0]} {d}", "{d}")),
    "unit": Kind(_unit, "{0} {1} + {2}", ("{d} {1}", "{d} {0}", "{d}")),
    "unit_of_two": Kind(_unit, "{0} {2} + {1} {3} + {4}", ("{d} {2}", "{d} {3}", "{d} {0}", "{d} {1}", "{d}")),
    "logistic": Kind(Logistic, r"\sigma({0})", (r"{d}{by}\sigma'({0})",)),
    "squared_error": Kind(SquaredError, r"\tfrac12 ({0} - {1})^2", ("{d} ({0} - {1})", "{d} ({1} - {0})")),
    "penalty": Kind(partial(L2Penalty, 1.0), r"\tfrac12 {0}^2", ("{d} {0}",)),
    "add": Kind(Add, "{0} + {1}", ("{d}", "{d}")),
    "subtract": Kind(Subtract, "{0} - {1}", ("{d}", "-{d}")),
    "multiply": Kind(Multiply, "{0}{by}{1}", ("{d}{by}{1}", "{d}{by}{0}")),
    "negate": Kind(partial(Scale, factor=-1), "-{0}", ("-{d}",)),
    "sum": Kind(Sum, r"\mathbf{{1}}^\top {0}", (r"{d} \mathbf{{1}}",)),
    "square": Kind(Square, "{0}^2", (r"{d} \cdot 2 {0}",)),
    "exp": Kind(Exp, r"\exp {0}", ("{d}{by}{v}",)),
    "log": Kind(Log, r"\log {0}", ("{d} / {0}",)),
    "cosine": Kind(Cosine, r"\cos {0}", (r"-{d} \sin {0}",)),
}


EXAMPLES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
"""By name: what each of the lecture's computations computes (title), its slide, and its nodes in topological order."""


class Written(NamedTuple):
    """A node in LaTeX: v, its formula (empty for an input), and its contributions to its parents' error signals."""

    symbol: str
    formula: str = ""
    contributions: Mapping[Node, str] = {}


def build(example: Mapping[str, Any], values: Values) -> tuple[Graph, dict[Node, Written]]:
    """Build a graph in float64, bound to a single example, and its nodes in LaTeX.

    Args:
        example: one of EXAMPLES; its last node is differentiated.
        values: numbers to use for some inputs instead of the defaults.

    Raises:
        GraphError: a name is not an input of this graph, or an input has too many or too few numbers.
    """
    graph, written = Graph(np.float64), dict[Node, Written]()
    nodes: dict[str, Node] = {}
    for name, about in example["nodes"].items():
        kind, given = next(iter(about.items()))
        made = KINDS[kind].make(*map(nodes.__getitem__, given.split())) if kind in KINDS else None
        node = nodes[name] = graph.add(made or _input(name, kind, given, values), name)
        if kind != "constant":
            written[node] = _in_latex(node, KINDS.get(kind), about, written)
    inputs = [node.name for node in written if not node.parents]
    for name in values:
        if name not in inputs:
            raise GraphError(f"no input '{name}'; the inputs of this graph are {', '.join(inputs)}")
    graph.differentiate(node)
    graph.bind(1)
    return graph, written


def _in_latex(node: Node, kind: Kind | None, about: Mapping[str, Any], written: Mapping[Node, Written]) -> Written:
    """Write a node whose parents are written; those that are not shown are vectors and matrices of ones."""
    v = about.get("symbol", node.name)
    if kind is None:
        return Written(v)
    parents = [written[each].symbol if each in written else r"\mathbf{1}" for each in node.parents]
    symbols = {"v": v, "d": bar(v), "T": [*map(transposed, parents)], "by": r" \circ " if node.shape else " "}
    formula, *terms = (template.format(*parents, **symbols) for template in (kind.formula, *kind.terms))
    others = about.get("terms", {})
    added = {p: others.get(p.name, term) for p, term in zip(node.parents, terms, strict=True)}
    return Written(v, about.get("formula", formula), added)


def _input(name: str, kind: str, default: Any, values: Values) -> Input:  # noqa: ANN401 - a number, or nested lists
    """Return a leaf with its default value, or the numbers given for it."""
    value = np.array(default, np.float64)
    if kind != "constant" and name in values:
        numbers = values[name]
        if len(numbers) != value.size:
            raise GraphError(f"input '{name}' takes {value.size} number{'s'[: value.size > 1]}, not {len(numbers)}")
        value = np.array(numbers, np.float64).reshape(value.shape)
    column = kind == "data" and value.ndim == 2  # a batch of one example
    leaf = Input((len(value), BATCH) if column else value.shape, needs_error=kind != "data")
    leaf.value = value
    return leaf
