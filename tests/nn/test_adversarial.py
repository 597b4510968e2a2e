"""Adversarial copies move as PyTorch's gradient says, and training continues bit for bit with them."""

import json
from pathlib import Path

import numpy as np
import pytest

from nncli.nn.adversarial import ADVERSARIES
from nncli.nn.losses import LOSSES
from nncli.nn.network import Layer, Network, NetworkGraph

GIVEN = json.loads((Path(__file__).parents[1] / "fixtures/torch_recipes.json").read_text(encoding="utf-8"))[
    "adversarial"
]


class Fixed(np.random.Generator):
    """A generator that returns the direction of the fixture."""

    def standard_normal(self, size=None, dtype=np.float64, out=None):
        return np.array(GIVEN["start"], dtype).T


@pytest.fixture
def network():
    layers = [Layer("hidden1", 5, "tanh"), Layer("output", 10, "linear", ("hidden1",))]
    network = Network(6, layers, dtype=np.float64)
    network.parameters.assign({name: np.array(GIVEN[name]) for name in network.parameters})
    return network


@pytest.mark.parametrize("name", ADVERSARIES)
def test_copies_are_those_of_pytorch(name, network):
    adversary = ADVERSARIES[name](network, "cross_entropy", Fixed(np.random.PCG64()), epsilon=GIVEN["epsilon"])
    x, targets = np.array(GIVEN["x"]).T, np.eye(10)[:, GIVEN["labels"]]
    before = network.parameters.values.copy()
    for _ in range(2):  # the second call uses the arrays of the first
        inputs, of_inputs = adversary.extend(x, targets)
    np.testing.assert_array_equal(inputs[:, :3], x)
    np.testing.assert_array_equal(of_inputs[:, :3], targets)
    np.testing.assert_allclose(inputs[:, 3:], np.array(GIVEN[name]).T, rtol=1e-9, atol=1e-12)
    expected = targets if name == "fast_gradient" else np.array(GIVEN["probabilities"]).T
    np.testing.assert_allclose(of_inputs[:, 3:], expected, rtol=1e-12)
    np.testing.assert_array_equal(network.parameters.values, before)


@pytest.mark.parametrize("loss", LOSSES)
def test_virtual_targets_attract_no_example(loss, network):
    """The outputs of an example fit its virtual targets, so that its error signal is 0 and only curvature counts."""
    x, targets = np.array(GIVEN["x"]).T, np.eye(10)[:, GIVEN["labels"]]
    own = ADVERSARIES["virtual"](network, loss, Fixed(np.random.PCG64())).extend(x, targets)[1][:, 3:]
    graph = NetworkGraph(network, loss, of_inputs=True)
    graph.forward(x, own)
    graph.backward()
    assert np.abs(graph.x.error).max() < 1e-12


def test_an_example_without_a_gradient_stays(network):
    network.parameters.values[...] = 0
    for name, kind in ADVERSARIES.items():
        inputs, _ = kind(network, "cross_entropy", np.random.default_rng(1)).extend(np.ones((6, 2)), np.eye(10)[:, :2])
        np.testing.assert_array_equal(inputs, 1, err_msg=name)


def test_the_training_error_leaves_copies_out(small_training):
    training = small_training(training={"epochs": 1, "adversarial": {"name": "virtual", "epsilon": 1e-6}})
    plain = small_training(training={"epochs": 1})
    for each in (training, plain):
        x, targets = next(each.batches.epoch())
        each._step(x, targets)
    assert training.progress.mistakes == plain.progress.mistakes
