"""The lecture's own computation graphs, from nodes of the engine, beside the formulas that people write for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import BATCH, AnyNode, Graph, Input, Node
from nncli.errors import GraphError
from nncli.lab.notation import D_LOSS, LOSS, bar, bold
from nncli.nn.activations import Logistic
from nncli.nn.affine import Affine
from nncli.nn.arithmetic import Add, Cosine, Exp, Log, Multiply, Scale, Square, Subtract, Sum
from nncli.nn.losses import SquaredError
from nncli.nn.regularizers import L2Penalty

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


class WeightedSum(Node):
    """z = Σ_j w_j x_j + b, all of them scalars: one unit of a layer, written out."""

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


def logistic_least_squares(board: Board) -> Node:
    """z = wx + b, y = σ(z), L = ½ (y - t)²."""
    return _logistic_least_squares(board)[0]


def regularized(board: Board) -> Node:
    """The same with R = ½ w², P = λR, L_reg = L + P: w has a fan-out of 2."""
    loss, w = _logistic_least_squares(board)
    strength = board.data("lambda", 0.1, r"\lambda")
    R = board.write("R", L2Penalty(1.0, w), r"\tfrac12 w^2", r"\mathcal{R}", w=r"\bar{\mathcal{R}} w")
    P = board.write("P", Multiply(strength, R), r"\lambda \mathcal{R}", r"\mathcal{P}", R=r"\bar{\mathcal{P}} \lambda")
    d = r"\bar{\mathcal{L}}_{reg}"
    return board.write("L_reg", Add(loss, P), rf"{LOSS} + \mathcal{{P}}", r"\mathcal{L}_{reg}", L=d, P=d)


def _logistic_least_squares(board: Board) -> tuple[Node, Node]:
    w, b = board.weight("w", 0.7), board.weight("b", -0.4)
    x, t = board.data("x", 1.5), board.data("t", 1.0)
    z = board.write("z", WeightedSum([w], [x], b), "w x + b", w=r"\bar{z} x", b=r"\bar{z}")
    y = board.write("y", Logistic(z), r"\sigma(z)", z=r"\bar{y} \sigma'(z)")
    loss = board.write("L", SquaredError(y, t), r"\tfrac12 (y - t)^2", LOSS, y=rf"{D_LOSS} (y - t)")
    return loss, w


def softmax_regression(board: Board) -> Node:
    """z = Wx + b, y_k = e^{z_k} / Σ_l e^{z_l}, L = -Σ_k t_k log y_k: every z_l has a part in every y_k."""
    W = board.weight("W", [[0.5, -0.2], [0.1, 0.4], [-0.3, 0.6]], bold("W"))
    b = board.weight("b", [0.1, 0.0, -0.1], bold("b"))
    x = board.data("x", [[1.0], [2.0]], bold("x"))
    t = board.data("t", [[0.0], [1.0], [0.0]], bold("t"))
    d_z = bar(bold("z"))
    z = board.write(
        "z", Affine(W, x, b), rf"{bold('W')} {bold('x')} + {bold('b')}", bold("z"), W=rf"{d_z} {bold('x')}^\top", b=d_z
    )
    y = _softmax(board, z)
    g = board.write("g", Log(y), rf"\log {bold('y')}", bold("g"), y=rf"{bar(bold('g'))} / {bold('y')}")
    d_p = bar(bold("p"))
    p = board.write("p", Multiply(t, g), rf"{bold('t')} \circ {bold('g')}", bold("p"), g=rf"{d_p} \circ {bold('t')}")
    q = board.write("q", Sum(p), r"\sum_k p_k", p=r"\bar{q} \mathbf{1}")
    return board.write("L", Scale(q, -1), "-q", LOSS, q=f"-{D_LOSS}")


def _softmax(board: Board, z: Node) -> Node:
    """y = exp(z - log Σ_l e^{z_l}); the sum over units, and its copy to each, are layers whose weights are ones."""
    d_e, d_a, d_y = bar(bold("e")), bar(bold("a")), bar(bold("y"))
    e = board.write("e", Exp(z), rf"\exp {bold('z')}", bold("e"), z=rf"{d_e} \circ {bold('e')}")
    total = Affine(board.constant(np.ones((1, 3))), e, board.constant([0.0]))
    s = board.write("s", total, r"\sum_l e_l", e=r"\bar{s} \mathbf{1}")
    m = board.write("m", Log(s), r"\log s", s=r"\bar{m} / s")
    copies = Affine(board.constant(np.ones((3, 1))), m, board.constant(np.zeros(3)))
    c = board.write("c", copies, r"m \mathbf{1}", bold("c"), m=rf"\mathbf{{1}}^\top {bar(bold('c'))}")
    a = board.write("a", Subtract(z, c), f"{bold('z')} - {bold('c')}", bold("a"), z=d_a, c=f"-{d_a}")
    return board.write("y", Exp(a), rf"\exp {bold('a')}", bold("y"), a=rf"{d_y} \circ {bold('y')}")


def chain_rule(board: Board) -> Node:
    """f(x, y) = y + e^{xy} with x(t) = cos t and y(t) = t²: both t and y have a fan-out of 2."""
    t = board.weight("t", 1.2)
    x = board.write("x", Cosine(t), r"\cos t", t=r"-\bar{x} \sin t")
    y = board.write("y", Square(t), "t^2", t=r"\bar{y} \cdot 2 t")
    u = board.write("u", Multiply(x, y), "x y", x=r"\bar{u} y", y=r"\bar{u} x")
    v = board.write("v", Exp(u), "e^u", u=r"\bar{v} v")
    return board.write("f", Add(y, v), "y + v", y=r"\bar{f}", v=r"\bar{f}")


_WEIGHTS = {1: [[0.3, -0.5], [0.8, 0.2]], 2: [[0.6, -0.4], [-0.7, 0.9]]}
_BIASES = {1: [0.1, -0.1], 2: [0.05, 0.2]}
_X, _T = [1.0, -2.0], [1.0, 0.0]


def scalar_perceptron(board: Board) -> Node:
    """z_i = Σ_j w1_ij x_j + b1_i, h_i = σ(z_i), y_k = Σ_i w2_ki h_i + b2_k, L = ½ Σ_k (y_k - t_k)²."""
    xs = [board.data(f"x{j}", _X[j - 1], f"x_{j}") for j in (1, 2)]
    hidden: list[Node] = []
    for i, z in enumerate(_units(board, "z", 1, xs), start=1):
        contribution = {f"z{i}": rf"\bar{{h}}_{i} \sigma'(z_{i})"}
        hidden.append(board.write(f"h{i}", Logistic(z), rf"\sigma(z_{i})", f"h_{i}", **contribution))
    losses = []
    for k, y in enumerate(_units(board, "y", 2, hidden), start=1):
        t = board.data(f"t{k}", _T[k - 1], f"t_{k}")
        contribution = {f"y{k}": rf"{D_LOSS}_{k} (y_{k} - t_{k})"}
        formula = rf"\tfrac12 (y_{k} - t_{k})^2"
        losses.append(board.write(f"L{k}", SquaredError(y, t), formula, f"{LOSS}_{k}", **contribution))
    return board.write("L", Add(*losses), rf"{LOSS}_1 + {LOSS}_2", LOSS, L1=D_LOSS, L2=D_LOSS)


def _units(board: Board, name: str, layer: int, xs: Sequence[Node]) -> list[WeightedSum]:
    """Write one layer: all weights, then all biases, then the units."""
    rows = [
        [board.weight(f"w{layer}_{i}{j}", w, f"w^{{({layer})}}_{{{i}{j}}}") for j, w in enumerate(row, start=1)]
        for i, row in enumerate(_WEIGHTS[layer], start=1)
    ]
    biases = [board.weight(f"b{layer}_{i}", b, f"b^{{({layer})}}_{i}") for i, b in enumerate(_BIASES[layer], start=1)]
    return [
        _unit(board, f"{name}{i}", f"{name}_{i}", row, xs, bias)
        for i, (row, bias) in enumerate(zip(rows, biases, strict=True), start=1)
    ]


def _unit(board: Board, name: str, symbol: str, weights: Sequence[Node], xs: Sequence[Node], bias: Node) -> WeightedSum:
    """Write one unit: w̄_j = z̄ x_j, x̄_j = z̄ w_j, b̄ = z̄."""
    d, of = bar(symbol), {node: board.written[node].symbol for node in (*weights, *xs, bias)}
    pairs = list(zip(weights, xs, strict=True))
    formula = " + ".join([*(f"{of[w]} {of[x]}" for w, x in pairs), of[bias]])
    contributions = {w.name: f"{d} {of[x]}" for w, x in pairs} | {x.name: f"{d} {of[w]}" for w, x in pairs}
    contributions[bias.name] = d
    return board.write(name, WeightedSum(weights, xs, bias), formula, symbol, **contributions)


def vector_perceptron(board: Board) -> Node:
    """z = W1 x + b1, h = σ(z), y = W2 h + b2, L = ½ ‖t - y‖²."""
    x = board.data("x", np.reshape(_X, (2, 1)), bold("x"))
    z = _layer(board, "z", 1, x)
    contribution = rf"{bar(bold('h'))} \circ \sigma'({bold('z')})"
    h = board.write("h", Logistic(z), rf"\sigma({bold('z')})", bold("h"), z=contribution)
    y = _layer(board, "y", 2, h)
    t = board.data("t", np.reshape(_T, (2, 1)), bold("t"))
    formula = rf"\tfrac12 \lVert {bold('t')} - {bold('y')} \rVert^2"
    return board.write("L", SquaredError(y, t), formula, LOSS, y=f"{D_LOSS} ({bold('y')} - {bold('t')})")


def _layer(board: Board, name: str, layer: int, x: Node) -> Affine:
    """Write one layer: W̄ = z̄ xᵀ, b̄ = z̄, x̄ = Wᵀ z̄."""
    W = board.weight(f"W{layer}", _WEIGHTS[layer], f"{bold('W')}^{{({layer})}}")
    b = board.weight(f"b{layer}", _BIASES[layer], f"{bold('b')}^{{({layer})}}")
    d, below = bar(bold(name)), board.written[x].symbol
    contributions = {W.name: rf"{d} {below}^\top", b.name: d, x.name: rf"{bold('W')}^{{({layer})\top}} {d}"}
    formula = f"{board.written[W].symbol} {below} + {board.written[b].symbol}"
    return board.write(name, Affine(W, x, b), formula, bold(name), **contributions)


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
