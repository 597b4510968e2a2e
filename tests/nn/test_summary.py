"""What a network costs: counts against those made by hand, and the picture as Graphviz text."""

import re

import numpy as np
import pytest

from nncli.nn.network import Layer, Network
from nncli.nn.summary import summarize, to_dot

PLAIN = [Layer("hidden1", 30), Layer("output", 10, "linear", ("hidden1",))]
SKIP = [
    Layer("output", 10, "linear", ("b", "a", "input")),
    Layer("b", 7, "tanh", ("a",), dropout_probability=0.2),
    Layer("a", 5),
]


def rows_of(layers, batch_size=16, dtype=np.float32, **options):
    network = Network(20, layers, dtype=dtype, **options)
    return network, summarize(network, "cross_entropy", batch_size)


def test_counts_of_a_plain_network():
    network, (hidden, output) = rows_of(PLAIN)
    assert (hidden.name, hidden.inputs, hidden.shape, hidden.activation) == ("hidden1", ("input",), (30, 20), "relu")
    assert (hidden.parameters, hidden.forward, hidden.backward) == (630, 600, 600)  # no error signal for the input
    assert (output.parameters, output.forward, output.backward) == (310, 300, 600)
    assert hidden.parameters + output.parameters == network.parameters.size


def test_layers_come_in_topological_order_with_all_they_read():
    network, rows = rows_of(SKIP)
    assert [row.name for row in rows] == ["a", "b", "output"]
    assert rows[-1].inputs == ("b", "a", "input")
    assert [row.shape for row in rows] == [(5, 20), (7, 5), (10, 32)]
    assert sum(row.parameters for row in rows) == network.parameters.size


@pytest.mark.parametrize("layers", [PLAIN, SKIP])
def test_memory_grows_with_the_batch_and_the_type(layers):
    _, small = rows_of(layers, 8)
    _, large = rows_of(layers, 16)
    _, wide = rows_of(layers, 8, np.float64)
    for a, b, c in zip(small, large, wide, strict=True):
        assert a.memory < b.memory <= 2 * a.memory
        assert a.memory < c.memory <= 2 * a.memory


def test_memory_holds_at_least_value_and_error_signal_of_z_and_y():
    for row in rows_of(PLAIN)[1]:
        assert row.memory >= 2 * 4 * row.shape[0] * 16


def test_dropout_costs_memory():
    dropping = [Layer("hidden1", 30, dropout_probability=0.5), PLAIN[1]]
    assert rows_of(dropping)[1][0].memory > rows_of(PLAIN)[1][0].memory


def test_dot_has_a_box_a_layer_and_an_arrow_a_reading():
    network, _ = rows_of(SKIP)
    text = to_dot(network, "skip-1.2")
    assert text.startswith('digraph "skip-1.2" {\n')
    assert text.endswith("}")
    assert text.count("{") == text.count("}") == 1
    assert re.findall(r'"(\w+)" \[label="(.*)"\]', text) == [
        ("input", r"input\n20"),
        ("a", r"a\n5 relu"),
        ("b", r"b\n7 tanh"),
        ("output", r"output\n10 linear"),
    ]
    arrows = set(re.findall(r'"(\w+)" -> "(\w+)";', text))
    assert arrows == {("input", "a"), ("a", "b"), ("b", "output"), ("a", "output"), ("input", "output")}
