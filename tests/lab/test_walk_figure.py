"""The figure of both passes: each value with its error signal, and the terms of those that have several."""

import pytest

from nncli.lab import backprop
from nncli.lab.lecture_graphs import EXAMPLES
from nncli.lab.walk import walk


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_values_error_signals_and_terms():
    values = ("w=2", "x=3", "b=-6", "t=0", "lambda=0.1")
    shown = texts(backprop.run(values=values).draw())
    assert shown[shown.index("$w = 2$") + 1] == "$\\bar{w} = 0.575$"
    assert {"$x = 3$", "$t = 0$", "$\\bar{z} = 0.125$", "0.375", "0.2"} <= set(shown)
    assert not any("\\bar{x}" in text for text in shown)


def test_a_matrix_is_shown_row_by_row_in_columns():
    shown = texts(backprop.run("softmax").draw())
    assert shown[shown.index("$\\mathbf{W}$") + 1].split() == ["0.5", "−0.2"]


@pytest.mark.parametrize("graph", ["logistic", "chain-rule", "mlp-vectorized"])
def test_the_figure_has_every_node_in_every_format(graph):
    shown = texts(backprop.run(graph, form="latex").draw())
    for step in walk(EXAMPLES[graph]):
        assert any(step.symbol in text for text in shown)


def test_a_network_is_shown_with_shapes_and_norms(tmp_path, looking_at):
    digits = looking_at(backprop, 10)
    assert digits.name == "synthetic-digits"
    path = tmp_path / "small.yaml"
    path.write_text("model: {layers: [{units: 5}, {units: 10}]}\nregularization: {l2: 0.1}\n")
    shown = texts(backprop.run(config=path).draw())
    assert {"hidden1.weights", "5 × 784", "W x + b", "10 × 1", "error signal 1"} <= set(shown)
