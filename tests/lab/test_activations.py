"""Values and derivatives of the activation functions, against numbers worked out with mpmath to 20 digits."""

import pytest

from nncli.lab.activations import LECTURE, evaluate, run
from nncli.nn.activations import ACTIVATIONS

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
    response = evaluate(name, [-2.0, 0.0, 1.5])
    pairs = list(zip(response["y"], response["dy_dz"], strict=True))
    assert pairs == [pytest.approx(pair, rel=1e-14, abs=1e-16) for pair in EXPECTED[name]]


def test_all_six_in_the_order_of_the_lecture():
    names = ["linear", "relu", "soft_relu", "hard_threshold", "logistic", "tanh"]
    assert [each["name"] for each in run((0.0,)).values] == names


def test_each_formula_is_the_node_s_own():
    assert all("formula" in vars(ACTIVATIONS[name]) for name in LECTURE)
    assert run((0.0,)).values[1] == {"name": "relu", "formula": "y = max(0, z)", "z": [0.0], "y": [0.0], "dy_dz": [0.0]}
