"""Credit by fixed random matrices: error signals against formulas written out, and what stays as it was."""

import numpy as np
import pytest

from nncli.build import training
from nncli.config.load import from_mapping
from nncli.data.dataset import Dataset
from nncli.nn.affine import Affine
from nncli.nn.credit import RULES, Broadcast
from nncli.nn.network import Layer, Network, NetworkGraph
from nncli.training import snapshot

LAYERS = [Layer("a", 6, "tanh"), Layer("b", 5, "logistic", ("a",)), Layer("output", 4, "linear", ("b",))]


def two_hidden_layers(rule, seed=3):
    """Give a network, its graph after both passes, and the fixed matrices by name."""
    rng = np.random.default_rng(0)
    network = Network(3, LAYERS, dtype=np.float64)
    network.parameters.values[...] = rng.standard_normal(network.parameters.size)
    graph = NetworkGraph(network, "cross_entropy", rng=rng, credit=RULES[rule](np.random.default_rng(seed)))
    graph.forward(rng.standard_normal((3, 7)), np.eye(4)[:, rng.integers(0, 4, 7)])
    graph.backward()
    fixed = {node.name: node.value for node in graph.graph.nodes if node.name.endswith(".feedback")}
    return network, graph, fixed


def values(network, graph):
    """Give weights and values by name."""
    named = network.parameters.named_values() | {node.name: node.value for node in graph.graph.nodes}
    softmax = np.exp(named["output.z"]) / np.exp(named["output.z"]).sum(axis=0)
    return named | {"error": (softmax - named["targets"]) / 7}


def expected(named, d_b, d_a):
    """Give every parameter's error signal from those of the hidden layers' outputs."""
    a, b = named["a.y"], named["b.y"]
    z_b, z_a = d_b * b * (1 - b), d_a(d_b * b * (1 - b)) * (1 - a**2)
    return {
        "output.weights": named["error"] @ b.T,
        "output.bias": named["error"].sum(axis=1),
        "b.weights": z_b @ a.T,
        "b.bias": z_b.sum(axis=1),
        "a.weights": z_a @ named["input"].T,
        "a.bias": z_a.sum(axis=1),
    }


def agree(network, wanted):
    for name, error in wanted.items():
        np.testing.assert_allclose(network.parameters.error(name), error, rtol=1e-12, atol=1e-14, err_msg=name)


def test_backprop_carries_errors_back_by_the_weights():
    network, graph, fixed = two_hidden_layers("backprop")
    named = values(network, graph)
    assert fixed == {}
    agree(network, expected(named, named["output.weights"].T @ named["error"], lambda z: named["b.weights"].T @ z))


def test_feedback_alignment_carries_errors_back_by_fixed_matrices():
    network, graph, fixed = two_hidden_layers("feedback_alignment")
    named = values(network, graph)
    assert {name: matrix.shape for name, matrix in fixed.items()} == {
        "b.weights.feedback": (5, 6),
        "output.weights.feedback": (4, 5),
    }
    d_b = fixed["output.weights.feedback"].T @ named["error"]
    agree(network, expected(named, d_b, lambda z: fixed["b.weights.feedback"].T @ z))


def test_direct_feedback_alignment_hands_the_output_error_to_each_layer():
    network, graph, fixed = two_hidden_layers("direct_feedback_alignment")
    named = values(network, graph)
    assert {name: matrix.shape for name, matrix in fixed.items()} == {"a.y.feedback": (4, 6), "b.y.feedback": (4, 5)}
    d_a = fixed["a.y.feedback"].T @ named["error"]
    agree(network, expected(named, fixed["b.y.feedback"].T @ named["error"], lambda _: d_a))


@pytest.mark.parametrize("rule", ["feedback_alignment", "direct_feedback_alignment"])
def test_matrices_depend_on_the_generator_alone(rule):
    one, same, other = (two_hidden_layers(rule, seed)[2] for seed in (3, 3, 4))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not any(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("rule", RULES)
def test_the_forward_pass_is_the_same(rule):
    (_, plain, _), (_, graph, _) = two_hidden_layers("backprop"), two_hidden_layers(rule)
    assert np.array_equal(plain.outputs.value, graph.outputs.value)
    assert plain.loss.value == graph.loss.value


@pytest.mark.parametrize("rule", RULES)
def test_without_a_hidden_layer_every_rule_is_the_gradient(rule):
    network = Network(3, [Layer("output", 4, "linear")], dtype=np.float64)
    credit = RULES[rule](None)  # type: ignore[arg-type]  # without a matrix to draw, no generator is needed
    graph = NetworkGraph(network, "squared_error", rng=np.random.default_rng(0), credit=credit)
    x, targets = np.ones((3, 2)), np.eye(4)[:, :2]
    graph.forward(x, targets)
    graph.backward()
    np.testing.assert_allclose(network.parameters.error("output.weights"), -targets @ x.T / 2)


@pytest.mark.parametrize("rule", RULES)
def test_layers_that_skip_share_their_matrices_with_nobody(rule):
    layers = [Layer("a", 6), Layer("b", 5, "tanh", ("input", "a"), 0.3), Layer("output", 4, "linear", ("b", "a"))]
    network = Network(3, layers, dtype=np.float64)
    rng = np.random.default_rng(0)
    network.initialize(rng)
    graph = NetworkGraph(network, "cross_entropy", rng=rng, l2=0.1, credit=RULES[rule](rng))
    for batch in (5, 2):
        graph.forward(rng.standard_normal((3, batch)), np.eye(4)[:, :1].repeat(batch, axis=1))
        graph.backward()
        assert all(network.parameters.error(name).any() for name in network.parameters)


def test_a_direct_rule_multiplies_less():
    graph = two_hidden_layers("direct_feedback_alignment")[1].graph
    assert [node.multiply_adds() for node in graph.nodes if isinstance(node, Affine)] == [
        (18, 18),
        (30, 30),
        (20, 20),
    ]
    assert next(node for node in graph.nodes if isinstance(node, Broadcast)).multiply_adds() == (0, 4 * (6 + 5))


def digits(examples=300):
    rng = np.random.default_rng(5)
    images = rng.integers(0, 256, (examples, 4, 4), dtype=np.uint8)
    return Dataset("synthetic-digits", "train", images, np.arange(examples, dtype=np.uint8) % 10)


def trained(rule, epochs, *, interrupted_after=None):
    """Train on noise; where asked, stop after an epoch and go on in a training built anew."""
    config = from_mapping(
        {
            "model": {"layers": [{"units": 8}, {"units": 7}, {"units": 10}]},
            "data": {"validation": 50},
            "training": {"epochs": epochs, "credit": rule},
        }
    )
    run = training(config, digits())
    if interrupted_after:
        for event in run.run():
            if getattr(event, "epoch", 0) == interrupted_after + 1:
                run.stop()
        taken = snapshot.take(run)
        tensors = {name: tensor.copy() for name, tensor in taken.tensors.items()}
        run = training(config, digits())
        snapshot.restore(run, tensors, taken.state)
    for _ in run.run():
        pass
    return run.network.parameters.values


@pytest.mark.parametrize("rule", RULES)
def test_a_run_that_goes_on_has_the_same_matrices(rule):
    assert np.array_equal(trained(rule, 4, interrupted_after=2), trained(rule, 4))


def test_each_rule_trains_to_other_weights():
    weights = [trained(rule, 2) for rule in RULES]
    assert not np.array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[1], weights[2])
