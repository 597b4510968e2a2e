"""Networks from layers in any order: shapes, names, order, penalties, dropout only while training."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.errors import GraphError
from nncli.nn.network import Layer, Network, NetworkGraph, in_topological_order

SKIP = [Layer("out", 3, "linear", ("h2", "h1")), Layer("h2", 4, "tanh", ("h1", "input")), Layer("h1", 5, "relu")]
X, TARGETS = np.random.default_rng(0).standard_normal((6, 7)), np.eye(3)[:, [0, 1, 2, 0, 1, 2, 0]]


def network(layers=(SKIP[2], SKIP[1], SKIP[0]), **options):
    built = Network(6, layers, dtype=np.float64, **options)
    built.initialize(np.random.default_rng(1))
    return built


def test_the_weight_space_has_a_matrix_and_a_bias_for_each_layer():
    assert network().parameters.shapes == {
        "h1.weights": (5, 6),
        "h1.bias": (5,),
        "h2.weights": (4, 11),
        "h2.bias": (4,),
        "out.weights": (3, 9),
        "out.bias": (3,),
    }


def test_forward_is_the_composition_of_its_layers():
    built = network()
    built.parameters.values[...] = np.random.default_rng(2).standard_normal(built.parameters.size)
    graph = NetworkGraph(built, "squared_error")
    graph.forward(X, TARGETS)
    p = built.parameters.named_values()
    h1 = np.maximum(p["h1.weights"] @ X + p["h1.bias"][:, None], 0)
    h2 = np.tanh(p["h2.weights"] @ np.vstack([h1, X]) + p["h2.bias"][:, None])
    out = p["out.weights"] @ np.vstack([h2, h1]) + p["out.bias"][:, None]
    np.testing.assert_allclose(graph.outputs.value, out, rtol=1e-12)
    np.testing.assert_allclose(graph.nodes["h2"].value, h2, rtol=1e-12)
    assert float(graph.loss.value) == pytest.approx(((out - TARGETS) ** 2).sum() / 14, rel=1e-12)


@given(order=st.permutations(SKIP[1:]))
def test_layers_come_after_their_inputs(order):
    assert [layer.name for layer in in_topological_order([*order, SKIP[0]])] == ["h1", "h2", "out"]


def test_the_last_layer_given_is_the_output():
    assert network([SKIP[1], SKIP[2], SKIP[0]]).output == "out"


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([Layer("a", 2), Layer("a", 3)], "unique"),
        ([Layer("input", 2)], "unique and not 'input'"),
        ([Layer("a", 2, inputs=("b",))], r"unknown layers: 'a' reads \['b'\]"),
        (
            [Layer("a", 2, inputs=("b",)), Layer("b", 2, inputs=("a",))],
            r"form a cycle, or read unknown layers: 'a' reads \['b'\], 'b' reads \['a'\]",
        ),
        ([Layer("a", 2, inputs=("a",))], r"form a cycle, .*: 'a' reads \['a'\]"),
    ],
)
def test_layers_that_are_no_graph_are_refused(layers, message):
    with pytest.raises(GraphError, match=message):
        Network(4, layers)


def test_initialize_draws_weights_and_clears_biases():
    built = network()
    built.parameters.values[...] = np.nan
    built.initialize(np.random.default_rng(1))
    assert all(built.parameters.value(layer.weights).any() for layer in built.layers)
    assert not any(built.parameters.value(layer.bias).any() for layer in built.layers)


def test_penalties_are_on_weights_and_not_on_biases():
    built = network()
    built.parameters.values[...] = 2.0
    graph = NetworkGraph(built, "cross_entropy", rng=np.random.default_rng(0), l2=0.1, l1=0.01)
    graph.forward(X, TARGETS)
    weights = sum(np.prod(shape) for name, shape in built.parameters.shapes.items() if name.endswith("weights"))
    penalty = weights * (0.1 / 2 * 4 + 0.01 * 2)
    assert float(graph.objective.value) - float(graph.loss.value) == pytest.approx(penalty, rel=1e-12)


def test_without_penalties_the_objective_is_the_loss():
    graph = NetworkGraph(network(), "cross_entropy", rng=np.random.default_rng(0))
    assert graph.objective is graph.loss


def test_dropout_only_while_training():
    dropped = [Layer("h1", 5, dropout_probability=0.5), Layer("out", 3, "linear", ("h1",))]
    built = network(dropped, input_drop_probability=0.3)
    trained, used = (
        NetworkGraph(built, "cross_entropy", rng=np.random.default_rng(0)),
        NetworkGraph(built, "cross_entropy"),
    )
    losses = []
    for graph in (trained, trained, used, used):
        graph.forward(X, TARGETS)
        losses.append(float(graph.loss.value))
    assert losses[0] != losses[1]
    assert losses[2] == losses[3]


def test_another_point_of_the_weight_space():
    built, elsewhere = network(), network()
    elsewhere.parameters.values *= 2
    at_other = NetworkGraph(built, "cross_entropy", parameters=elsewhere.parameters)
    directly = NetworkGraph(elsewhere, "cross_entropy")
    for graph in (at_other, directly):
        graph.forward(X, TARGETS)
    assert float(at_other.loss.value) == float(directly.loss.value)
