"""Order by construction, fan-out by accumulation, buffers allocated once and only where somebody reads them."""

import math

import numpy as np
import pytest

from nncli.engine.graph import BATCH, Graph, Input, Node
from nncli.engine.parameters import Parameter, Parameters
from nncli.errors import GraphError
from nncli.nn.affine import Affine
from nncli.nn.arithmetic import Add, Cosine, Exp, Multiply, Scale, Square, Sum
from nncli.nn.losses import CrossEntropy
from nncli.nn.network import Layer, Network, NetworkGraph


def scalar(graph, value, name=""):
    node = graph.add(Input((), needs_error=True), name)
    node.value = np.array(float(value))
    return node


def run(graph, loss, batch_size=1):
    graph.differentiate(loss)
    graph.bind(batch_size)
    graph.forward()
    graph.backward()


def test_parents_must_be_added_first():
    graph, stranger = Graph(), Input(())
    with pytest.raises(GraphError, match="a parent of Square 'square of x' is not in the graph; add parents before"):
        graph.add(Square(stranger), "square of x")
    assert graph.nodes == []


def test_a_node_is_added_once():
    graph = Graph()
    x = graph.add(Input(()), "x")
    with pytest.raises(GraphError, match="'x' is already in the graph"):
        graph.add(x)


def test_nodes_are_named_by_kind_and_place_unless_named():
    graph = Graph()
    x = graph.add(Input(()), "x")
    assert [x.name, graph.add(Square(x)).name] == ["x", "square1"]


def test_only_a_scalar_can_be_differentiated():
    graph = Graph()
    x = graph.add(Input((3, BATCH), needs_error=True), "x")
    with pytest.raises(GraphError, match="cannot differentiate 'x': its shape is"):
        graph.differentiate(x)


def test_a_loss_of_nothing_adjustable_cannot_be_differentiated():
    graph = Graph()
    x = graph.add(Input(()))
    with pytest.raises(GraphError, match="depends on no parameter or differentiable input"):
        graph.differentiate(graph.add(Square(x)))


@pytest.mark.parametrize("t", [-1.0, 0.3, 2.0])
def test_the_multivariate_chain_rule(t):
    """df/dt for f(x, y) = y + e^{xy}, x = cos t, y = t²."""
    graph = Graph(np.float64)
    node = scalar(graph, t)
    x, y = graph.add(Cosine(node)), graph.add(Square(node))
    f = graph.add(Add(y, graph.add(Exp(graph.add(Multiply(x, y))))))
    run(graph, f)
    xy = math.cos(t) * t * t
    expected = (t * t * math.exp(xy)) * -math.sin(t) + (1 + math.cos(t) * math.exp(xy)) * 2 * t
    assert float(f.value) == pytest.approx(t * t + math.exp(xy), rel=1e-15)
    assert float(node.error) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("children", [1, 2, 3, 7])
def test_contributions_of_all_children_add_up_in_every_pass(children):
    graph = Graph(np.float64)
    x = scalar(graph, 3)
    total: Node = graph.add(Scale(x, 1))
    for _ in range(children - 1):
        total = graph.add(Add(total, graph.add(Scale(x, 10))))
    run(graph, total)
    assert float(x.error) == 1 + 10 * (children - 1)
    graph.forward()
    graph.backward()
    assert float(x.error) == 1 + 10 * (children - 1)


def test_one_node_as_both_parents():
    graph = Graph(np.float64)
    x = scalar(graph, 3)
    run(graph, graph.add(Multiply(x, x)))
    assert float(x.error) == 6


def has_error_buffer(node):
    return hasattr(node, "error")


def test_nodes_that_the_loss_does_not_read_get_no_error_buffer():
    graph = Graph(np.float64)
    x = scalar(graph, 2)
    loss = graph.add(Square(x))
    aside = graph.add(Exp(x))
    run(graph, loss)
    assert float(aside.value) == pytest.approx(math.exp(2))
    assert float(x.error) == 4
    assert not has_error_buffer(aside)


def affine_network(needs_error):
    graph = Graph(np.float64)
    parameters = Parameters({"W": (3, 2), "b": (3,)}, np.float64)
    parameters.values[...] = np.arange(9)
    W, b = (graph.add(Parameter(parameters, name)) for name in parameters)
    x, targets = graph.add(Input((2, BATCH), needs_error=needs_error)), graph.add(Input((3, BATCH)))
    loss = graph.add(CrossEntropy(graph.add(Affine(W, x, b)), targets))
    x.value, targets.value = np.ones((2, 4)), np.eye(3)[:, [0, 1, 2, 0]]
    run(graph, loss, 4)
    return x, targets, parameters


def test_the_error_signal_of_the_input_is_computed_on_request_only():
    x, targets, parameters = affine_network(needs_error=False)
    assert not has_error_buffer(x)
    assert not has_error_buffer(targets)
    requested, _, same = affine_network(needs_error=True)
    assert requested.error.shape == (2, 4)
    assert requested.error.any()
    assert np.array_equal(same.errors, parameters.errors)


def test_a_graph_that_is_not_differentiated_holds_no_error_signals():
    network = Network(5, [Layer("h", 4), Layer("out", 3, "linear")], dtype=np.float64)
    graph = NetworkGraph(network, "cross_entropy")
    graph.forward(np.ones((5, 2)), np.ones((3, 2)) / 3)
    assert not any(has_error_buffer(node) for node in graph.graph.nodes if not isinstance(node, Parameter))


def train_graph():
    layers = [Layer("a", 6, "tanh"), Layer("b", 5, "relu", ("a", "input")), Layer("out", 3, "linear", ("b", "a"))]
    network = Network(4, layers, dtype=np.float64)
    network.initialize(np.random.default_rng(1))
    return network, NetworkGraph(network, "cross_entropy", rng=np.random.default_rng(2), l2=0.1)


@pytest.mark.parametrize("sizes", [(8, 3), (3, 8), (5, 1, 5), (1, 9, 2, 9, 4)])
def test_rebinding_gives_the_numbers_of_a_fresh_graph(sizes):
    rng = np.random.default_rng(3)
    network, rebound = train_graph()
    for size in sizes:
        x, targets = rng.standard_normal((4, size)), np.eye(3)[:, rng.integers(0, 3, size)]
        fresh_network, fresh = train_graph()
        for graph in (rebound, fresh):
            graph.forward(x, targets)
            graph.backward()
        assert rebound.outputs.value.shape == (3, size)
        np.testing.assert_allclose(rebound.objective.value, fresh.objective.value, rtol=1e-14)
        np.testing.assert_allclose(rebound.outputs.value, fresh.outputs.value, rtol=1e-14)
        np.testing.assert_allclose(network.parameters.errors, fresh_network.parameters.errors, rtol=1e-13, atol=1e-16)


def test_a_smaller_batch_reuses_the_arrays_of_a_larger():
    _, graph = train_graph()
    held = []
    for size in (8, 3, 8):
        graph.forward(np.ones((4, size)), np.ones((3, size)) / 3)
        held.append(graph.outputs.value)
        assert graph.outputs.value.flags.c_contiguous
    assert np.shares_memory(held[0], held[1])
    assert np.shares_memory(held[0], held[2])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_array_has_the_type_of_the_graph(dtype):
    network = Network(4, [Layer("h", 3, "logistic"), Layer("out", 2, "linear")], dtype=dtype)
    graph = NetworkGraph(network, "cross_entropy", rng=np.random.default_rng(0), l1=0.1, l2=0.1)
    graph.forward(np.ones((4, 2), dtype), np.eye(2, dtype=dtype))
    graph.backward()
    assert {node.value.dtype for node in graph.graph.nodes} == {np.dtype(dtype)}
    assert {node.error.dtype for node in graph.graph.differentiated} == {np.dtype(dtype)}


def test_a_graph_grows_after_it_has_run():
    graph = Graph(np.float64)
    x = scalar(graph, 2)
    square = graph.add(Square(x))
    run(graph, square)
    run(graph, graph.add(Multiply(square, x)))
    assert float(x.error) == 12


def test_bytes_count_a_node_s_own_arrays():
    graph = Graph(np.float32)
    x = graph.add(Input((3, BATCH), needs_error=True))
    x.value = np.ones((3, 4), np.float32)
    square = graph.add(Square(x))
    run(graph, graph.add(Sum(square)), 4)
    assert square.nbytes() == 2 * 3 * 4 * 4
