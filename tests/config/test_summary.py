"""Short descriptions of a configuration."""

import pytest

from nncli.config.summary import architecture, setting


@pytest.mark.parametrize(
    ("layers", "shown"),
    [
        ([{"units": 10}], "10"),
        ([{"units": 30}, {"units": 20}, {"units": 10}], "30-20-10 relu"),
        ([{"units": 30, "activation": "tanh"}, {"units": 20}, {"units": 10}], "30-20-10 tanh-relu"),
    ],
)
def test_an_architecture_is_units_and_hidden_activations(layers, shown, configuration):
    assert architecture(configuration(model={"layers": layers})) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        ([{"units": 4}, {"units": 10}], "4-10"),
        ({"rotation": 10.0, "shear": 0.0, "elastic": None}, "rotation 10.0"),
        (["input"], "[input]"),
    ],
)
def test_a_setting_is_short(value, shown):
    assert setting(value) == shown
