"""Linear networks multiplied out, against products written by hand, and what they learn."""

import numpy as np
import pytest

from nncli import build
from nncli.config.load import from_mapping, to_mapping
from nncli.data.dataset import Dataset
from nncli.data.synthetic import generate
from nncli.errors import CheckpointError
from nncli.lab import linear_collapse
from nncli.nn.network import Layer, Network
from nncli.runs import checkpoint
from nncli.runs.checkpoint import Checkpoint
from nncli.training import snapshot


def network(layers, inputs=3):
    built = Network(inputs, layers, dtype=np.float64)
    built.parameters.values[...] = np.random.default_rng(1).standard_normal(built.parameters.size)
    return built, built.parameters.named_values()


def test_a_chain_is_the_product_of_its_matrices():
    layers = [Layer("a", 4, "linear"), Layer("b", 5, "linear", ("a",)), Layer("c", 2, "linear", ("b",))]
    deep, p = network(layers)
    single = linear_collapse.collapse(deep, np.float64).parameters
    np.testing.assert_allclose(
        single.value("output.weights"), p["c.weights"] @ p["b.weights"] @ p["a.weights"], rtol=1e-13
    )
    bias = p["c.weights"] @ (p["b.weights"] @ p["a.bias"] + p["b.bias"]) + p["c.bias"]
    np.testing.assert_allclose(single.value("output.bias"), bias, rtol=1e-13)


def test_layers_that_skip_others_are_multiplied_out_too():
    deep, p = network([Layer("a", 4, "linear"), Layer("c", 2, "linear", ("input", "a"))])
    single = linear_collapse.collapse(deep, np.float64).parameters
    from_input, from_a = p["c.weights"][:, :3], p["c.weights"][:, 3:]
    np.testing.assert_allclose(single.value("output.weights"), from_input + from_a @ p["a.weights"], rtol=1e-13)
    np.testing.assert_allclose(single.value("output.bias"), from_a @ p["a.bias"] + p["c.bias"], rtol=1e-13)


def test_a_trained_deep_linear_network_equals_one_matrix_and_learns_no_more_than_one(looking_at, generated):
    looking_at(linear_collapse, train=Dataset("synthetic-digits", "train", *generate(4000, 1)))
    values = linear_collapse.run().values
    equality = values["equality"]
    assert equality["examples"] == 2000
    assert equality["parameters"] == [784 * 64 + 64 + 64 * 64 + 64 + 650, 7850]
    assert equality["difference"]["float64"] < 1e-14
    assert equality["difference"]["float32"] < 1e-5
    assert equality["disagreements"] == 0
    deep, single, linear, relu = values["rows"]
    assert single["test_error"] == deep["test_error"]
    assert single["train_loss"] == pytest.approx(deep["train_loss"], rel=1e-5)
    assert linear["train_loss"] < deep["train_loss"]
    assert linear["interval"][0] < deep["test_error"]  # no significant difference
    assert relu["train_loss"] < linear["train_loss"]


@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_a_trained_network_is_collapsed_if_it_is_linear(activation, tmp_path, looking_at):
    config = from_mapping(
        {
            "data": {"name": "synthetic-digits", "validation": 0},
            "model": {"layers": [{"units": 6, "activation": activation}, {"units": 10}]},
            "training": {"epochs": 1},
        }
    )
    train = looking_at(linear_collapse, 200)
    training = build.training(config, train)
    for _ in training.run():
        pass
    taken, about = snapshot.take(training), build.context(training, train).model_dump()
    path = tmp_path / "last.safetensors"
    checkpoint.save(path, Checkpoint(taken.tensors, to_mapping(config), {**about, **taken.state}))
    if activation == "linear":
        values = linear_collapse.run(checkpoint=path).values
        assert values["equality"]["layers"] == ["hidden1", "output"]
        assert values["equality"]["difference"]["float64"] < 1e-14
        assert values["rows"] == []
    else:
        with pytest.raises(CheckpointError, match="layer 'hidden1' has the activation tanh"):
            linear_collapse.run(checkpoint=path)
