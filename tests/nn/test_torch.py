"""Losses and gradients of whole networks agree with PyTorch's (see tests/fixtures/make_torch_gradients.py)."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from nncli.nn.network import Layer, Network, NetworkGraph

FIXTURE = Path(__file__).parents[1] / "fixtures" / "torch_gradients.npz"


@pytest.fixture(scope="module")
def arrays():
    with np.load(FIXTURE, allow_pickle=False) as archive:
        return dict(archive)


@pytest.mark.parametrize(
    "name",
    ["softmax-relu-tanh", "skip-by-concatenation", "squared-error-l2", "logistic-l1-l2", "softmax-regression"],
)
def test_gradients_agree_with_pytorch(arrays, name):
    described = next(network for network in json.loads(str(arrays["networks"])) if network["name"] == name)
    layers = [Layer(layer, units, phi, tuple(inputs)) for layer, units, phi, inputs in described["layers"]]
    x, targets = arrays[f"{name}/x"].T, arrays[f"{name}/targets"].T  # examples are columns here
    network = Network(len(x), layers, dtype=np.float64)
    network.parameters.assign({key: arrays[f"{name}/value/{key}"] for key in network.parameters})
    penalties = {key: described.get(key, 0.0) for key in ("l1", "l2")}
    graph = NetworkGraph(network, described["loss"], rng=np.random.default_rng(0), **penalties)
    graph.forward(x, targets)
    graph.backward()
    assert_allclose(graph.loss.value, arrays[f"{name}/loss"], rtol=1e-10)
    assert_allclose(graph.objective.value, arrays[f"{name}/objective"], rtol=1e-10)
    for key in network.parameters:
        expected = arrays[f"{name}/error/{key}"]
        error = np.linalg.norm(network.parameters.error(key) - expected) / np.linalg.norm(expected)
        assert error < 1e-10, key
