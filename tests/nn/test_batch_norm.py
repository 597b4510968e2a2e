"""Batch normalization does what PyTorch's does, in training and afterwards, and its statistics go with the network."""

import json
from pathlib import Path

import numpy as np
import pytest

from nncli.engine.graph import BATCH, Graph, Input
from nncli.engine.parameters import Parameter, Parameters
from nncli.nn.arithmetic import Multiply, Sum
from nncli.nn.batch_norm import BatchNorm
from nncli.training import snapshot

RECIPES = json.loads((Path(__file__).parents[1] / "fixtures/torch_recipes.json").read_text(encoding="utf-8"))

NORMALIZED = {"model": {"layers": [{"units": 12, "batch_norm": True}, {"units": 10}]}}


def test_both_modes_are_pytorchs():
    given = RECIPES["normalized"]
    mean, variance = np.zeros(5), np.ones(5)
    parameters = Parameters({"gain": (5,), "shift": (5,)}, np.float64)
    parameters.assign({name: np.array(given[name]) for name in ("gain", "shift")})
    for step in given["steps"]:
        expected = {name: np.array(values).T for name, values in step.items() if name != "training"}
        graph = Graph(np.float64)
        gain, shift = (graph.add(Parameter(parameters, name), name) for name in ("gain", "shift"))
        x, error = (graph.add(Input((5, BATCH), needs_error=name == "x"), name) for name in ("x", "error"))
        y = graph.add(BatchNorm(x, gain, shift, mean, variance, training=step["training"]))
        graph.differentiate(graph.add(Sum(graph.add(Multiply(y, error)))))
        x.value, error.value = expected["x"], expected["error"]
        graph.bind(7)
        graph.forward()
        graph.backward()
        found = {"y": y.value, "d_x": x.error, "d_gain": gain.error, "d_shift": shift.error}
        for name, values in (found | {"mean": mean, "variance": variance}).items():
            np.testing.assert_allclose(values, expected[name], rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adamw"])
def test_the_statistics_are_measured_saved_and_used(optimizer, small_training, digits):
    training = small_training(**NORMALIZED, optimizer={"name": optimizer, "learning_rate": 0.01})
    list(training.run())
    statistics = training.network.parameters.statistics
    assert set(statistics) == {"hidden1.running_mean", "hidden1.running_variance"}
    assert not np.allclose(statistics["hidden1.running_variance"], 1)
    tensors = snapshot.take(training).tensors
    assert set(statistics) <= set(tensors)
    again = small_training(**NORMALIZED, optimizer={"name": optimizer, "learning_rate": 0.01})
    snapshot.restore(again, tensors, snapshot.take(training).state)
    for name, values in statistics.items():
        assert np.array_equal(again.network.parameters.statistics[name], values)


def test_a_mini_batch_of_one_is_normalized_to_the_shift(small_training):
    training = small_training(**NORMALIZED, data={"batch_size": 1}, training={"epochs": 1})
    list(training.run())
    assert np.isfinite(training.network.parameters.values).all()
    assert np.isfinite(training.network.parameters.statistics["hidden1.running_variance"]).all()
