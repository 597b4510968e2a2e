"""The lecture's two-layer perceptron with squared error, unit by unit and vectorized, with the same numbers."""

from collections.abc import Sequence

import numpy as np

from nncli.engine.graph import Node
from nncli.lab.board import Board
from nncli.lab.notation import D_LOSS, LOSS, bar, bold
from nncli.lab.weighted_sum import WeightedSum
from nncli.nn.activations import Logistic
from nncli.nn.affine import Affine
from nncli.nn.arithmetic import Add
from nncli.nn.losses import SquaredError

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
