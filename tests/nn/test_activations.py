"""Activations agree with their closed forms to machine precision for |z| up to 1e4, in float32 and float64."""

import decimal

import numpy as np
import pytest

from nncli.engine.graph import BATCH, Graph, Input
from nncli.nn.activations import ACTIVATIONS
from nncli.nn.arithmetic import Sum

MAGNITUDES = [
    0,
    1e-30,
    1e-8,
    1e-4,
    0.1,
    0.5,
    1,
    2.5,
    9,
    17,
    30,
    80,
    88,
    89,
    103,
    104,
    700,
    709,
    710,
    745,
    746,
    1e3,
    1e4,
]
ONE = decimal.Decimal(1)  # makes constants exact: ONE / 100, and ONE * (z > 0)

# From a Decimal z to the pair of the value and the derivative.
CLOSED_FORMS = {
    "linear": lambda z: (z, ONE),
    "relu": lambda z: (max(z, 0 * ONE), ONE * (z > 0)),
    "soft_relu": lambda z: ((1 + z.exp()).ln(), 1 / (1 + (-z).exp())),
    "hard_threshold": lambda z: (ONE * (z > 0), 0 * ONE),
    "logistic": lambda z: (1 / (1 + (-z).exp()), z.exp() / (1 + z.exp()) ** 2),
    "tanh": lambda z: (1 - 2 / (1 + (2 * z).exp()), 4 * (2 * z).exp() / (1 + (2 * z).exp()) ** 2),
}
PI = decimal.Decimal("3.14159265358979323846264338327950288419716939937511")


def gelu(z):
    """z Φ(z) and Φ(z) + z φ(z), with Φ by its power series near 0 and by the continued fraction of 1 - Φ elsewhere."""
    density = (-z * z / 2).exp() / (2 * PI).sqrt()
    if abs(z) < 3:
        term = total = z
        for k in range(3, 200, 2):
            term *= z * z / k
            total += term
        distribution = ONE / 2 + density * total
    else:
        fraction = abs(z)
        for k in range(300, 0, -1):
            fraction = abs(z) + k / fraction
        distribution = density / fraction if z < 0 else 1 - density / fraction
    return z * distribution, distribution + z * density


CLOSED_FORMS["gelu"] = gelu


def exact(activation, z):
    """Evaluate a closed form with enough digits that nothing cancels."""
    with decimal.localcontext(prec=400, Emin=-99999, Emax=99999):
        return [float(result) for result in CLOSED_FORMS[activation](decimal.Decimal(float(z)))]


def far(z, found, expected, allowed):
    """Return the results that are further from the closed form than allowed, or nan, by z."""
    results = zip(z, found, expected, np.abs(found - expected) <= allowed, strict=True)
    return {float(at): f"{result} instead of {right}" for at, result, right, near in results if not near}


def run(activation, z):
    """Give y and dy/dz by one forward and one backward pass."""
    graph = Graph(z.dtype)
    x = graph.add(Input((1, BATCH), needs_error=True))
    y = graph.add(ACTIVATIONS[activation](x))
    graph.differentiate(graph.add(Sum(y)))
    x.value = z[np.newaxis]
    graph.bind(z.size)
    graph.forward()
    graph.backward()
    return y.value[0], x.error[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_values_and_derivatives_are_safe_and_exact(activation, dtype):
    z = np.array([sign * magnitude for magnitude in MAGNITUDES for sign in (1, -1)], dtype)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        values, derivatives = run(activation, z)
    expected_values, expected_derivatives = np.array([exact(activation, each) for each in z]).T
    limits = np.finfo(dtype)
    assert values.dtype == derivatives.dtype == dtype
    scale = np.abs(expected_values)
    if activation == "gelu":  # SciPy rounds z / √2 first
        scale += np.abs(z * expected_derivatives)
    assert far(z, values, expected_values, 4 * limits.eps * scale + limits.tiny) == {}
    assert far(z, derivatives, expected_derivatives, 4 * limits.eps) == {}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_derivative_of_soft_relu_keeps_its_digits_far_below_zero(dtype):
    z = np.linspace(-80, 0, 81, dtype=dtype)
    _, derivatives = run("soft_relu", z)
    expected = np.array([exact("soft_relu", each)[1] for each in z])
    np.testing.assert_allclose(derivatives, expected, rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("activation", ["relu", "hard_threshold"])
def test_the_derivative_at_the_kink_is_zero(activation):
    _, derivatives = run(activation, np.zeros(3))
    assert not derivatives.any()
