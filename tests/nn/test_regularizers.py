"""Penalties by their formulas; the derivative of |w| at 0 is 0."""

import numpy as np
import pytest

from nncli.engine.graph import Graph
from nncli.engine.parameters import Parameter, Parameters
from nncli.nn.regularizers import L1Penalty, L2Penalty


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("penalty", "value", "errors"),
    [(L2Penalty, 0.5 / 2 * 39, [0.5, -1.0, 0.0, 1.5, 2.5, 0.0]), (L1Penalty, 0.5 * 11, [0.5, -0.5, 0, 0.5, 0.5, 0])],
)
def test_value_and_derivative(penalty, value, errors, dtype):
    parameters = Parameters({"a": (2, 2), "b": (1, 2)}, dtype)
    parameters.values[...] = [1, -2, 0, 3, 5, 0]
    graph = Graph(dtype)
    node = graph.add(penalty(0.5, *(graph.add(Parameter(parameters, name)) for name in parameters)))
    graph.differentiate(node)
    graph.bind(1)
    graph.forward()
    graph.backward()
    assert float(node.value) == value
    assert parameters.errors.tolist() == errors
