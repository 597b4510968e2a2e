"""Both passes through networks from configurations: shapes, norms, and numerical derivatives along error signals."""

import numpy as np
import pytest

from nncli.config.load import from_mapping
from nncli.data.dataset import Dataset
from nncli.errors import DataError
from nncli.lab.network_walk import report
from nncli.nn.activations import ACTIVATIONS
from nncli.nn.losses import LOSSES

LAYERS = [
    {"units": 7, "activation": "tanh", "dropout_probability": 0.5},
    {"units": 6, "activation": "logistic", "inputs": ["hidden1", "input"]},
    {"units": 10, "inputs": ["hidden2", "hidden1"]},
]


def digits():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (20, 4, 4), dtype=np.uint8)
    return Dataset("synthetic-digits", "train", images, np.arange(20, dtype=np.uint8) % 10)


def steps(example=3, **settings):
    values = report(from_mapping({"model": {"layers": LAYERS}} | settings), digits(), example).values
    return {step["name"]: step for step in values["steps"]}


def test_shapes_follow_from_the_layers():
    shapes = {name: step["shape"] for name, step in steps().items()}
    assert shapes["hidden2.weights"] == [6, 23]
    assert shapes["hidden2.inputs"] == [23, 1]
    assert shapes["output.z"] == [10, 1]
    assert shapes["loss"] == []


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"loss": "squared_error", "regularization": {"l2": 0.1, "l1": 0.01}, "data": {"scale": "standardize"}},
        {"loss": "logistic_cross_entropy", "dtype": "float64"},
        {"training": {"credit": "feedback_alignment"}},
        {"training": {"credit": "direct_feedback_alignment"}},
    ],
)
def test_the_derivative_along_each_error_signal_is_its_norm(settings):
    checked = [step for step in steps(**settings).values() if step["error_norm"] is not None]
    assert len(checked) >= 14
    for step in checked:
        assert step["numeric"] == pytest.approx(step["error_norm"], rel=1e-7, abs=1e-10), step["name"]


def test_children_of_a_fan_out_are_listed():
    found = steps(regularization={"l2": 0.1})
    assert [child for child, _ in found["hidden1.y"]["contributions"]] == ["hidden2.inputs", "output.inputs"]
    assert [child for child, _ in found["output.weights"]["contributions"]] == ["output.z", "L2Penalty"]
    (_, data), (_, penalty) = found["output.weights"]["contributions"]
    assert penalty == pytest.approx(0.1 * found["output.weights"]["norm"])
    assert abs(data - penalty) <= found["output.weights"]["error_norm"] <= data + penalty


def test_the_example_is_the_one_asked_for():
    values = report(from_mapping({"model": {"layers": LAYERS}}), digits(), 13).values
    pixels = next(step for step in values["steps"] if step["name"] == "input")
    assert values["label"] == 3
    assert pixels["norm"] == pytest.approx(np.linalg.norm(digits().images[13] / 255))


@pytest.mark.parametrize("example", [-1, 20])
def test_an_example_that_is_not_there(example):
    with pytest.raises(DataError, match="examples 0 to 19"):
        steps(example)


def test_every_node_of_a_network_has_a_formula():
    formulas = {name: step["formula"] for name, step in steps(regularization={"l2": 0.1}).items()}
    assert formulas["hidden1.y"] == ACTIVATIONS["tanh"].formula
    parameters = {f"{layer}.{kind}" for layer in ("hidden1", "hidden2", "output") for kind in ("weights", "bias")}
    assert {name for name, formula in formulas.items() if formula == "given"} == {"input", "targets"} | parameters
    for node in (*ACTIVATIONS.values(), *LOSSES.values()):
        assert "formula" in vars(node)
