"""The lecture's own computation graphs, made of the engine's nodes, with the formulas of both passes in LaTeX."""

from collections.abc import Callable, Mapping, Sequence
from functools import partialmethod
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import BATCH, AnyNode, Graph, Input, Node
from nncli.errors import GraphError
from nncli.lab.notation import LOSS, bar, bold, transposed
from nncli.nn.activations import Logistic
from nncli.nn.affine import Affine
from nncli.nn.arithmetic import Add, Cosine, Exp, Log, Multiply, Scale, Square, Subtract, Sum
from nncli.nn.losses import SquaredError
from nncli.nn.regularizers import L2Penalty

Values: TypeAlias = Mapping[str, Sequence[float]]
"""Numbers for some inputs by name, row by row for a matrix."""


class WeightedSum(Node):
    """z = Σ_j w_j x_j + b, for scalars: one unit of a layer."""

    def __init__(self, weights: Sequence[Node], xs: Sequence[Node], bias: Node) -> None:
        super().__init__(*weights, *xs, bias, shape=bias.shape)
        self.weights, self.xs, self.bias = weights, xs, bias

    def forward(self) -> None:
        """z = Σ_j w_j x_j + b."""
        self.value[...] = self.bias.value
        for w, x in zip(self.weights, self.xs, strict=True):
            self.value[...] += w.value * x.value

    def backward(self) -> None:
        """w̄_j = z̄ x_j, x̄_j = z̄ w_j, b̄ = z̄."""
        factors = [*(x.value for x in self.xs), *(w.value for w in self.weights), np.ones(())]
        for parent, d_parent, factor in zip(self.parents, self.d_parents, factors, strict=True):
            if parent.needs_error:
                d_parent[...] = self.error * factor


_FORMULAS: dict[type[Node], tuple[str, ...]] = {
    Affine: ("{0} {1} + {2}", "{d} {T[1]}", "{T[0]} {d}", "{d}"),
    Logistic: (r"\sigma({0})", r"{d}{by}\sigma'({0})"),
    SquaredError: (r"\tfrac12 ({0} - {1})^2", "{d} ({0} - {1})", "{d} ({1} - {0})"),
    L2Penalty: (r"\tfrac12 {0}^2", "{d} {0}"),
    Add: ("{0} + {1}", "{d}", "{d}"),
    Subtract: ("{0} - {1}", "{d}", "-{d}"),
    Multiply: ("{0}{by}{1}", "{d}{by}{1}", "{d}{by}{0}"),
    Scale: ("-{0}", "-{d}"),  # the factor is -1 in every graph here
    Sum: (r"\mathbf{{1}}^\top {0}", r"{d} \mathbf{{1}}"),
    Square: ("{0}^2", r"{d} \cdot 2 {0}"),
    Exp: (r"\exp {0}", "{d}{by}{v}"),
    Log: (r"\log {0}", "{d} / {0}"),
    Cosine: (r"\cos {0}", r"-{d} \sin {0}"),
}
"""By class: the formula of v, then v's contribution to the error signal of each parent, in LaTeX.

{0} is the first parent and {T[0]} its transpose, {d} is v̄, and {by} the sign of an elementwise product.
"""

_WEIGHTED_SUMS = {
    1: ("{0} {1} + {2}", "{d} {1}", "{d} {0}", "{d}"),
    2: ("{0} {2} + {1} {3} + {4}", "{d} {2}", "{d} {3}", "{d} {0}", "{d} {1}", "{d}"),
}
"""The same for a WeightedSum, by its number of terms."""


class Written(NamedTuple):
    """A node in LaTeX: v, its formula (empty for an input), and its contributions to its parents' error signals."""

    symbol: str
    formula: str = ""
    contributions: Mapping[Node, str] = {}


class Board:
    """One of the lecture's graphs in float64, bound to a single example, with its nodes in LaTeX.

    Args:
        example: adds the nodes to the board and returns the one to differentiate.
        values: numbers to use for some inputs instead of the defaults.

    Raises:
        GraphError: a name is not an input of this graph, or an input has too many or too few numbers.
    """

    def __init__(self, example: "Callable[[Board], Node]", values: Values) -> None:
        self.graph = Graph(np.float64)
        self.inputs: dict[str, Input] = {}
        self.written: dict[Node, Written] = {}
        self._values = values
        result = example(self)
        for name in values:
            if name not in self.inputs:
                raise GraphError(f"there is no input '{name}'; this example's are {', '.join(self.inputs)}")
        self.graph.differentiate(result)
        self.graph.bind(1)

    def _input(self, name: str, default: npt.ArrayLike, symbol: str = "", *, needs_error: bool) -> Input:
        value = np.array(default, np.float64)
        numbers = self._values.get(name)
        if numbers is not None:
            if len(numbers) != value.size:
                raise GraphError(f"input '{name}' takes {value.size} number{'s'[: value.size > 1]}, not {len(numbers)}")
            value = np.array(numbers, np.float64).reshape(value.shape)
        shape = (len(value), BATCH) if value.shape[1:] == (1,) else value.shape  # a column is a batch of one example
        leaf = self.inputs[name] = self.graph.add(Input(shape, needs_error=needs_error), name)
        leaf.value = value
        self.written[leaf] = Written(symbol or name)
        return leaf

    weight = partialmethod(_input, needs_error=True)
    data = partialmethod(_input, needs_error=False)

    def constant(self, value: npt.ArrayLike) -> Input:
        """Add a leaf that is not shown, such as a vector of ones, in place of a parameter."""
        array = np.array(value, np.float64)
        leaf = self.graph.add(Input(array.shape, needs_error=True))
        leaf.value = array
        return leaf

    def write(self, name: str, node: AnyNode, symbol: str = "", formula: str = "", **contributions: str) -> AnyNode:
        """Add a node; a formula, or a contribution to a parent by name, replaces the one of the node's class."""
        self.graph.add(node, name)
        v = symbol or name
        parents = [self.written[each].symbol if each in self.written else r"\mathbf{1}" for each in node.parents]
        symbols = {"v": v, "d": bar(v), "T": [*map(transposed, parents)], "by": r" \circ " if node.shape else " "}
        templates = _WEIGHTED_SUMS[len(node.xs)] if isinstance(node, WeightedSum) else _FORMULAS[type(node)]
        usual, *terms = (template.format(*parents, **symbols) for template in templates)
        added = {p: contributions.get(p.name, term) for p, term in zip(node.parents, terms, strict=True)}
        self.written[node] = Written(v, formula or usual, added)
        return node


class Example(NamedTuple):
    """One of the lecture's computations: what it computes, its slide, and a function that writes it on a board."""

    title: str
    slide: str
    write: Callable[[Board], Node]


def logistic_least_squares(board: Board) -> Node:
    """z = wx + b, y = σ(z), L = ½ (y - t)²."""
    w, b = board.weight("w", 0.7), board.weight("b", -0.4)
    x, t = board.data("x", 1.5), board.data("t", 1.0)
    z = board.write("z", WeightedSum([w], [x], b))
    y = board.write("y", Logistic(z))
    return board.write("L", SquaredError(y, t), LOSS)


def regularized(board: Board) -> Node:
    """The same with R = ½ w², P = λR and L_reg = L + P: w has a fan-out of 2."""
    loss = logistic_least_squares(board)
    strength = board.data("lambda", 0.1, r"\lambda")
    R = board.write("R", L2Penalty(1.0, board.inputs["w"]), r"\mathcal{R}")
    P = board.write("P", Multiply(strength, R), r"\mathcal{P}")
    return board.write("L_reg", Add(loss, P), r"\mathcal{L}_{reg}")


def softmax_regression(board: Board) -> Node:
    """z = Wx + b, y_k = e^{z_k} / Σ_l e^{z_l}, L = -Σ_k t_k log y_k: every y_k depends on every z_l."""
    W = board.weight("W", [[0.5, -0.2], [0.1, 0.4], [-0.3, 0.6]], bold("W"))
    b = board.weight("b", [0.1, 0.0, -0.1], bold("b"))
    x = board.data("x", [[1.0], [2.0]], bold("x"))
    t = board.data("t", [[0.0], [1.0], [0.0]], bold("t"))
    z = board.write("z", Affine(W, x, b), bold("z"))
    y = _softmax(board, z)
    g = board.write("g", Log(y), bold("g"))
    p = board.write("p", Multiply(t, g), bold("p"))
    q = board.write("q", Sum(p), formula=r"\sum_k p_k")
    return board.write("L", Scale(q, -1), LOSS)


def _softmax(board: Board, z: Node) -> Node:
    """y = exp(z - log Σ_l e^{z_l}); layers with weights of 1 compute the sum, and copy it to each unit."""
    e = board.write("e", Exp(z), bold("e"))
    total = Affine(board.constant(np.ones((1, 3))), e, board.constant([0.0]))
    s = board.write("s", total, formula=r"\sum_l e_l", e=r"\bar{s} \mathbf{1}")
    m = board.write("m", Log(s))
    copies = Affine(board.constant(np.ones((3, 1))), m, board.constant(np.zeros(3)))
    c = board.write("c", copies, bold("c"), formula=r"m \mathbf{1}")
    a = board.write("a", Subtract(z, c), bold("a"))
    return board.write("y", Exp(a), bold("y"))


def chain_rule(board: Board) -> Node:
    """f(x, y) = y + e^{xy} with x(t) = cos t and y(t) = t²: both t and y have a fan-out of 2."""
    t = board.weight("t", 1.2)
    x = board.write("x", Cosine(t))
    y = board.write("y", Square(t))
    u = board.write("u", Multiply(x, y))
    v = board.write("v", Exp(u), formula="e^u")
    return board.write("f", Add(y, v))


_WEIGHTS = {1: [[0.3, -0.5], [0.8, 0.2]], 2: [[0.6, -0.4], [-0.7, 0.9]]}
_BIASES = {1: [0.1, -0.1], 2: [0.05, 0.2]}
_X, _T = [1.0, -2.0], [1.0, 0.0]


def scalar_perceptron(board: Board) -> Node:
    """z_i = Σ_j w1_ij x_j + b1_i, h_i = σ(z_i), y_k = Σ_i w2_ki h_i + b2_k, L = ½ Σ_k (y_k - t_k)²."""
    xs = [board.data(f"x{j}", x, f"x_{j}") for j, x in enumerate(_X, start=1)]
    zs = _units(board, "z", 1, xs)
    hidden = [board.write(f"h{i}", Logistic(z), f"h_{i}") for i, z in enumerate(zs, start=1)]
    losses = []
    for k, y in enumerate(_units(board, "y", 2, hidden), start=1):
        t = board.data(f"t{k}", _T[k - 1], f"t_{k}")
        losses.append(board.write(f"L{k}", SquaredError(y, t), f"{LOSS}_{k}"))
    return board.write("L", Add(*losses), LOSS)


def _units(board: Board, name: str, layer: int, xs: Sequence[Node]) -> list[WeightedSum]:
    """Write a layer: all weights, then all biases, then the units."""
    rows = [
        [board.weight(f"w{layer}_{i}{j}", w, f"w^{{({layer})}}_{{{i}{j}}}") for j, w in enumerate(row, start=1)]
        for i, row in enumerate(_WEIGHTS[layer], start=1)
    ]
    biases = [board.weight(f"b{layer}_{i}", b, f"b^{{({layer})}}_{i}") for i, b in enumerate(_BIASES[layer], start=1)]
    return [
        board.write(f"{name}{i}", WeightedSum(row, xs, bias), f"{name}_{i}")
        for i, (row, bias) in enumerate(zip(rows, biases, strict=True), start=1)
    ]


def vector_perceptron(board: Board) -> Node:
    """z = W1 x + b1, h = σ(z), y = W2 h + b2, L = ½ ‖t - y‖²."""
    x = board.data("x", np.reshape(_X, (2, 1)), bold("x"))
    h = board.write("h", Logistic(_layer(board, "z", 1, x)), bold("h"))
    y = _layer(board, "y", 2, h)
    t = board.data("t", np.reshape(_T, (2, 1)), bold("t"))
    formula = rf"\tfrac12 \lVert {bold('t')} - {bold('y')} \rVert^2"
    return board.write("L", SquaredError(y, t), LOSS, formula)


def _layer(board: Board, name: str, layer: int, x: Node) -> Affine:
    """Write a layer: its weights, its biases, then its units as a vector."""
    W = board.weight(f"W{layer}", _WEIGHTS[layer], f"{bold('W')}^{{({layer})}}")
    b = board.weight(f"b{layer}", _BIASES[layer], f"{bold('b')}^{{({layer})}}")
    return board.write(name, Affine(W, x, b), bold(name))


EXAMPLES = {
    "logistic": Example(
        "univariate logistic least squares", "Recall: Univariate logistic least squares model", logistic_least_squares
    ),
    "regularized": Example(
        "univariate logistic least squares with an L2 penalty",
        "Example: univariate logistic least squares regression",
        regularized,
    ),
    "softmax": Example("softmax regression", "Softmax regression", softmax_regression),
    "chain-rule": Example("f(x, y) = y + exp(xy), x = cos t, y = t^2", "Multivariate Chain Rule", chain_rule),
    "mlp": Example(
        "two-layer perceptron with squared error, unit by unit",
        "Multilayer Perceptron (multiple outputs)",
        scalar_perceptron,
    ),
    "mlp-vectorized": Example(
        "two-layer perceptron with squared error, vectorized", "In vectorized form", vector_perceptron
    ),
}
