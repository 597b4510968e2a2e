"""Numeric derivatives are good to ten digits, leave everything as it was, and say which leaf disagrees."""

import math

import numpy as np
import pytest

from nncli.engine.gradcheck import GradientCheck, directional_derivative, numeric_derivative
from nncli.engine.graph import BATCH, Graph, Input
from nncli.engine.parameters import Parameter, Parameters
from nncli.errors import GraphError
from nncli.nn.activations import ReLU
from nncli.nn.arithmetic import Multiply, Square, Sum


def disagreements(graph, parameters, rng, tolerance=1e-7, **options):
    check = GradientCheck(graph, rng, tolerance=tolerance)
    return [each for each in check.compare(parameters, **options) if not each.agrees]


SMOOTH = {
    "sin": (math.sin, math.cos),
    "exp": (math.exp, math.exp),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "tanh": (math.tanh, lambda x: 1 - math.tanh(x) ** 2),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2),
}


@pytest.mark.parametrize("x", [-3.0, -0.4, 0.2, 1.0, 2.5])
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_come_out_to_ten_digits(name, x):
    f, derivative = SMOOTH[name]
    values = np.array([9.0, x])
    (numeric,) = numeric_derivative(lambda: f(values[1]), values, [(1,)])
    assert numeric == pytest.approx(derivative(x), rel=1e-10)


def test_the_step_follows_the_coordinate():
    values = np.array([1e6])
    assert numeric_derivative(lambda: values[0] ** 2, values, [(0,)])[0] == pytest.approx(2e6, rel=1e-10)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_a_direction_sums_the_coordinates(shape):
    rng = np.random.default_rng(0)
    values, direction = np.array(rng.standard_normal(shape)), np.array(rng.standard_normal(shape))
    numeric = directional_derivative(lambda: float(np.sin(values).sum()), values, direction)
    assert numeric == pytest.approx(float((np.cos(values) * direction).sum()), rel=1e-10)


def test_values_are_put_back_even_after_an_error():
    values = np.array([0.1, 0.2, 0.3])
    before = values.copy()
    with pytest.raises(ZeroDivisionError):
        directional_derivative(lambda: 1 / 0, values, np.ones(3))
    numeric_derivative(lambda: float(values.sum()), values, [(0,), (2,)])
    assert values.tobytes() == before.tobytes()


class WrongSquare(Square):
    """Square with a backward pass that is one part in a million off."""

    def backward(self):
        super().backward()
        self.d_parents[0][...] *= 1 + 1e-6


def quadratic(square, dtype=np.float64):
    """Σ square(w) + Σ v x over two parameters and an input."""
    rng = np.random.default_rng(5)
    parameters = Parameters({"w": (3, 2), "v": (4,)}, dtype)
    parameters.values[...] = rng.uniform(1, 2, parameters.size)
    graph = Graph(dtype)
    w, v = (graph.add(Parameter(parameters, name), name) for name in parameters)
    x = graph.add(Input((4,), needs_error=True), "x")
    x.value = rng.uniform(1, 2, 4).astype(dtype)
    total = graph.add(Sum(graph.add(square(w))))
    graph.differentiate(graph.add(Multiply(total, graph.add(Sum(graph.add(Multiply(v, x)))))))
    graph.bind(1)
    return graph, parameters, x


def test_agreement_is_an_empty_list_and_changes_nothing():
    graph, parameters, x = quadratic(Square)
    before = parameters.values.copy(), x.value.copy()
    assert disagreements(graph, parameters, np.random.default_rng(0), inputs=[x], tolerance=1e-9) == []
    assert np.array_equal(parameters.values, before[0])
    assert np.array_equal(x.value, before[1])


def test_a_disagreement_is_named_with_both_derivatives():
    graph, parameters, x = quadratic(WrongSquare)
    found = disagreements(graph, parameters, np.random.default_rng(0), inputs=[x], samples=6)
    assert {d.name for d in found} == {"w"}
    assert {d.index for d in found} == {None, *np.ndindex(3, 2)}
    for d in found:
        assert d.backward == pytest.approx(d.numeric * (1 + 1e-6), rel=1e-9)
        assert d.relative_error == pytest.approx(1e-6, rel=1e-3)
    assert disagreements(graph, parameters, np.random.default_rng(0), tolerance=1e-5) == []


def test_a_disagreement_in_an_input_is_named_too():
    graph, parameters, x = quadratic(Square)
    backward = x.backward
    x.backward = lambda: (backward(), np.negative(x.error, out=x.error))
    assert {d.name for d in disagreements(graph, parameters, np.random.default_rng(0), inputs=[x])} == {"x"}


def test_samples_bound_the_coordinates_and_the_generator_chooses_them():
    graph, parameters, _ = quadratic(WrongSquare)
    found = [disagreements(graph, parameters, np.random.default_rng(seed), samples=2) for seed in (1, 1, 2)]
    drawn = [[d.index for d in each if d.index is not None] for each in found]
    assert [len(indices) for indices in drawn] == [2, 2, 2]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_derivative_that_is_not_a_number_disagrees():
    graph, parameters, x = quadratic(Square)
    x.backward = lambda: x.error.fill(np.nan)
    assert {d.name for d in disagreements(graph, parameters, np.random.default_rng(0), inputs=[x])} == {"x"}


@pytest.mark.parametrize("distance", [1e-3, 1e-4, 3e-5])
def test_a_kink_within_reach_of_the_first_step_is_no_disagreement(distance):
    graph = Graph(np.float64)
    x = graph.add(Input((1, BATCH), needs_error=True))
    graph.differentiate(graph.add(Sum(graph.add(ReLU(x)))))
    x.value = np.array([[distance, -distance]])
    graph.bind(2)
    assert disagreements(graph, Parameters({}, np.float64), np.random.default_rng(0), inputs=[x]) == []


def test_single_precision_is_refused():
    graph, parameters, _ = quadratic(Square, np.float32)
    with pytest.raises(GraphError, match="in float64, not float32"):
        disagreements(graph, parameters, np.random.default_rng(0))
