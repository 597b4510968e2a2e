"""Values and derivatives of the activation functions, against numbers worked out with mpmath to 20 digits."""

import pytest

from nncli.lab.activations import run

#                   z:   -2                      0                       1.5
EXPECTED = {
    "linear": [(-2.0, 1.0), (0.0, 1.0), (1.5, 1.0)],
    "relu": [(0.0, 0.0), (0.0, 0.0), (1.5, 1.0)],
    "soft_relu": [
        (0.1269280110429725, 0.11920292202211756),
        (0.6931471805599453, 0.5),
        (1.7014132779827524, 0.81757447619364366),
    ],
    "hard_threshold": [(0.0, 0.0), (0.0, 0.0), (1.0, 0.0)],
    "logistic": [(0.11920292202211756, 0.10499358540350652), (0.5, 0.25), (0.81757447619364366, 0.14914645207033286)],
    "tanh": [(-0.96402758007581688, 0.070650824853164466), (0.0, 1.0), (0.90514825364486644, 0.18070663892364853)],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_values_and_derivatives(name):
    (response,) = (each for each in run([-2.0, 0.0, 1.5]) if each.name == name)
    pairs = list(zip(response.y, response.dy_dz, strict=True))
    assert pairs == [pytest.approx(pair, rel=1e-14, abs=1e-16) for pair in EXPECTED[name]]


def test_all_six_in_the_order_of_the_lecture():
    names = ["linear", "relu", "soft_relu", "hard_threshold", "logistic", "tanh"]
    assert [each.name for each in run([0.0])] == names
