"""Configurations differ in the settings that can change a result, and in no others."""

import pytest

from nncli.runs.settings import differences, identity

LAYERS = [{"units": 12}, {"units": 10}]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seed": 8, "name": "other"}, {}),
        ({"data": {"dir": "elsewhere", "fallback": "synthetic-digits"}}, {}),
        ({"training": {"threads": 2, "checkpoint_every_steps": 5}}, {}),
        ({"training": {"epochs": 4}}, {"training.epochs": [3, 4]}),
        ({"model": {"layers": [{"units": 9}, {"units": 10}]}}, {"model.layers[0].units": [12, 9]}),
        (
            {"optimizer": {"name": "sgd", "learning_rate": 0.5}},
            {"optimizer.name": ["adam", "sgd"], "optimizer.learning_rate": [0.001, 0.5]},
        ),
        (
            {"training": {"early_stopping": {"patience": 3}}},
            {"training.early_stopping": [None, {"metric": "validation_error", "patience": 3}]},
        ),
    ],
)
def test_settings_that_differ(changes, expected, configuration):
    configs = [configuration(), configuration(**changes)]
    assert differences(configs) == expected
    assert (identity(configs[0]) == identity(configs[1])) == (not expected)


def test_networks_of_different_depth_differ_as_a_whole(configuration):
    configs = [configuration(), configuration(model={"layers": [{"units": 10}]}), configuration()]
    ((key, values),) = differences(configs).items()
    assert key == "model.layers"
    assert [[layer["units"] for layer in each] for each in values] == [[12, 10], [10], [12, 10]]
