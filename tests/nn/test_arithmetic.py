"""Arithmetic nodes compute what their formulas say, and whole scalar examples come out as by hand."""

import math

import numpy as np
import pytest

from nncli.engine.graph import BATCH, Graph, Input
from nncli.errors import GraphError
from nncli.nn.activations import Logistic
from nncli.nn.arithmetic import Add, Cosine, Exp, Log, Multiply, Scale, Square, Subtract, Sum

A, B = np.array([[0.5, 2.0, 3.0]]), np.array([[-1.0, 0.25, 4.0]])


def run(build, *values):
    """Build a node on inputs of these values; give its value and the error signals of Σ of it."""
    graph = Graph(np.float64)
    inputs = [graph.add(Input((1, BATCH), needs_error=True)) for _ in values]
    node = graph.add(build(*inputs))
    graph.differentiate(graph.add(Sum(node)))
    for each, value in zip(inputs, values, strict=True):
        each.value = value
    graph.bind(values[0].shape[1])
    graph.forward()
    graph.backward()
    return node.value, [each.error for each in inputs]


@pytest.mark.parametrize(
    ("build", "values", "value", "errors"),
    [
        (Add, (A, B), A + B, [[1, 1, 1], [1, 1, 1]]),
        (Subtract, (A, B), A - B, [[1, 1, 1], [-1, -1, -1]]),
        (Multiply, (A, B), A * B, [B[0], A[0]]),
        (lambda x: Scale(x, 3), (A,), 3 * A, [[3, 3, 3]]),
        (Square, (B,), B**2, [2 * B[0]]),
        (Exp, (A,), np.exp(A), [np.exp(A[0])]),
        (Log, (A,), np.log(A), [1 / A[0]]),
        (Cosine, (A,), np.cos(A), [-np.sin(A[0])]),
    ],
)
def test_values_and_derivatives(build, values, value, errors):
    actual, signals = run(build, *values)
    np.testing.assert_allclose(actual, value, rtol=1e-15)
    for signal, expected in zip(signals, errors, strict=True):
        np.testing.assert_allclose(signal[0], expected, rtol=1e-15)


@pytest.mark.parametrize("operation", [Add, Subtract, Multiply])
def test_operands_of_two_shapes_are_refused(operation):
    with pytest.raises(GraphError, match=f"{operation.__name__} needs operands of the same shape"):
        operation(Input((2, BATCH)), Input((3, BATCH)))


@pytest.mark.parametrize(
    ("operation", "which", "error"), [(Add, 0, 1), (Add, 1, 1), (Subtract, 1, -1), (Multiply, 0, 5), (Multiply, 1, 4)]
)
def test_a_constant_operand_needs_no_error_signal(operation, which, error):
    graph = Graph(np.float64)
    operands = [graph.add(Input((), needs_error=k == which)) for k in range(2)]
    graph.differentiate(graph.add(operation(*operands)))
    operands[0].value, operands[1].value = np.array(4.0), np.array(5.0)
    graph.bind(1)
    graph.forward()
    graph.backward()
    assert float(operands[which].error) == error
    assert not hasattr(operands[1 - which], "error")


def test_regularized_logistic_least_squares_by_hand():
    """The univariate example: L = 1/2 (σ(w x + b) - t)² + λ/2 w²."""
    x, t, w, b, strength = 1.5, 0.2, 0.8, -0.3, 0.4
    graph = Graph(np.float64)
    nodes = {name: graph.add(Input((), needs_error=name in "wb"), name) for name in "xtwb"}
    for name, value in zip("xtwb", (x, t, w, b), strict=True):
        nodes[name].value = np.array(value)
    z = graph.add(Add(graph.add(Multiply(nodes["w"], nodes["x"])), nodes["b"]))
    y = graph.add(Logistic(z))
    loss = graph.add(Scale(graph.add(Square(graph.add(Subtract(y, nodes["t"])))), 0.5))
    penalty = graph.add(Scale(graph.add(Square(nodes["w"])), strength / 2))
    graph.differentiate(graph.add(Add(loss, penalty)))
    graph.bind(1)
    graph.forward()
    graph.backward()
    sigma = 1 / (1 + math.exp(-(w * x + b)))
    d_z = (sigma - t) * sigma * (1 - sigma)
    assert float(nodes["w"].error) == pytest.approx(d_z * x + strength * w, rel=1e-14)
    assert float(nodes["b"].error) == pytest.approx(d_z, rel=1e-14)
