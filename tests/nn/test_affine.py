"""The affine node against its formula element by element, whatever the layout of the batch; concatenation."""

from collections.abc import Callable

import numpy as np
import pytest

from nncli.engine.graph import BATCH, Graph, Input
from nncli.engine.parameters import Parameter, Parameters
from nncli.nn.affine import Affine, Concatenate
from nncli.nn.arithmetic import Multiply, Sum

LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "columns": np.ascontiguousarray,
    "rows, transposed": np.asfortranarray,
    "every other": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
}


def affine(x_value, outputs, *, needs_error=False):
    """Pass forward and back through z = W x + b in float64, with an error signal e of z; give W, b, x, z and e."""
    rng = np.random.default_rng(1)
    inputs, batch = x_value.shape
    parameters = Parameters({"W": (outputs, inputs), "b": (outputs,)}, np.float64)
    parameters.values[...] = rng.standard_normal(parameters.size)
    parameters.errors.fill(np.nan)
    graph = Graph(np.float64)
    W, b = (graph.add(Parameter(parameters, name)) for name in parameters)
    x, e = graph.add(Input((inputs, BATCH), needs_error=needs_error)), graph.add(Input((outputs, BATCH)))
    z = graph.add(Affine(W, x, b))
    graph.differentiate(graph.add(Sum(graph.add(Multiply(z, e)))))  # so that the error signal of z is e
    x.value, e.value = x_value, rng.standard_normal((outputs, batch))
    graph.bind(batch)
    graph.forward()
    graph.backward()
    return W, b, x, z, e


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("outputs", "inputs", "batch"), [(3, 4, 5), (1, 4, 2), (3, 1, 1), (5, 5, 5)])
def test_forward_and_backward_element_by_element(outputs, inputs, batch, layout):
    x_value = LAYOUTS[layout](np.random.default_rng(0).standard_normal((inputs, batch)))
    W, b, x, z, e = affine(x_value, outputs, needs_error=True)
    w, v, s = W.value, x.value, e.value
    rows, columns, examples = range(outputs), range(inputs), range(batch)
    expected = {
        "z": [[sum(w[i, j] * v[j, n] for j in columns) + b.value[i] for n in examples] for i in rows],
        "W": [[sum(s[i, n] * v[j, n] for n in examples) for j in columns] for i in rows],
        "b": [sum(s[i, n] for n in examples) for i in rows],
        "x": [[sum(w[i, j] * s[i, n] for i in rows) for n in examples] for j in columns],
    }
    for name, actual in {"z": z.value, "W": W.error, "b": b.error, "x": x.error}.items():
        np.testing.assert_allclose(actual, expected[name], rtol=1e-12, atol=1e-14, err_msg=name)


@pytest.mark.parametrize(("needs_error", "cost"), [(False, (12, 12)), (True, (12, 24))])
def test_multiply_adds_follow_the_products(needs_error, cost):
    parameters = Parameters({"W": (3, 4), "b": (3,)})
    x = Input((4, BATCH), needs_error=needs_error)
    assert Affine(Parameter(parameters, "W"), x, Parameter(parameters, "b")).multiply_adds() == cost


@pytest.mark.parametrize("heights", [(1,), (2, 3), (1, 4, 2)])
def test_concatenation_stacks_the_units(heights):
    graph = Graph(np.float64)
    parts = [graph.add(Input((height, BATCH), needs_error=k % 2 == 0)) for k, height in enumerate(heights)]
    stacked = graph.add(Concatenate(*parts))
    weights = graph.add(Input((sum(heights), BATCH)))
    graph.differentiate(graph.add(Sum(graph.add(Multiply(stacked, weights)))))
    values = np.random.default_rng(0).standard_normal((2, sum(heights), 3))
    weights.value = values[1]
    ends = np.cumsum([0, *heights])
    for part, start, end in zip(parts, ends[:-1], ends[1:], strict=True):
        part.value = values[0, start:end]
    graph.bind(3)
    graph.forward()
    graph.backward()
    assert np.array_equal(stacked.value, values[0])
    for part, start, end in zip(parts, ends[:-1], ends[1:], strict=True):
        assert not part.needs_error or np.array_equal(part.error, values[1, start:end])
