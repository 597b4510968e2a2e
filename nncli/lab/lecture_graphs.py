"""The lecture's own computation graphs, from nodes of the engine: each function is one slide."""

import numpy as np

from nncli.engine.graph import Node
from nncli.lab.board import Board, Example
from nncli.lab.lecture_perceptrons import scalar_perceptron, vector_perceptron
from nncli.lab.notation import D_LOSS, LOSS, bar, bold
from nncli.lab.weighted_sum import WeightedSum
from nncli.nn.activations import Logistic
from nncli.nn.affine import Affine
from nncli.nn.arithmetic import Add, Cosine, Exp, Log, Multiply, Scale, Square, Subtract, Sum
from nncli.nn.losses import SquaredError
from nncli.nn.regularizers import L2Penalty


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
