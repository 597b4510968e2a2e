"""A locally connected layer is a fully connected one whose weights outside of the windows are 0, as in PyTorch."""

import json
from pathlib import Path

import numpy as np
import pytest

from nncli.engine.graph import BATCH, Graph, Input
from nncli.engine.parameters import Parameter, Parameters
from nncli.errors import GraphError
from nncli.nn.affine import Affine
from nncli.nn.arithmetic import Multiply, Sum
from nncli.nn.local import Local, Plane, Windows
from nncli.nn.network import Layer, Network


@pytest.mark.parametrize(
    ("side", "windows", "starts"),
    [
        (28, Windows(1, 28), [0]),
        (28, Windows(4, 7), [0, 7, 14, 21]),
        (29, Windows(7, 11), [0, 3, 6, 9, 12, 15, 18]),
        (7, Windows(4, 4), [0, 1, 2, 3]),
        (10, Windows(3, 5), [0, 2, 5]),
    ],
)
def test_the_windows_are_spread_from_border_to_border_row_by_row(side, windows, starts):
    expected = [(row, column) for row in starts for column in starts]
    places = Plane(side, 1).places(windows)
    assert [(rows.start, columns.start) for rows, columns in places] == expected
    assert {span.stop - span.start for place in places for span in place} == {windows.window}


def passes(make, weights, bias, x, error):
    """Return z, x̄, W̄ and b̄ of a node for given error signals z̄."""
    parameters = Parameters({"weights": weights.shape, "bias": bias.shape}, np.float64)
    parameters.assign({"weights": weights, "bias": bias})
    graph = Graph(np.float64)
    W, b = (graph.add(Parameter(parameters, name), name) for name in ("weights", "bias"))
    inputs, factors = graph.add(Input((len(x), BATCH), needs_error=True)), graph.add(Input((len(error), BATCH)))
    z = graph.add(make(W, inputs, b))
    graph.differentiate(graph.add(Sum(graph.add(Multiply(z, factors)))))
    inputs.value, factors.value = x, error
    graph.bind(x.shape[1])
    graph.forward()
    graph.backward()
    return z.value, inputs.error, W.error, b.error


@pytest.mark.parametrize("batch", [1, 6])
@pytest.mark.parametrize(
    ("plane", "windows", "units"),
    [(Plane(6, 1), Windows(3, 3), 18), (Plane(5, 2), Windows(2, 4), 12), (Plane(4, 3), Windows(4, 1), 16)],
    ids=str,
)
def test_both_passes_are_those_of_its_matrix(plane, windows, units, batch):
    rng = np.random.default_rng(1989)
    weights, bias = rng.standard_normal((units, plane.inputs(windows))), rng.standard_normal(units)
    x, error = rng.standard_normal((plane.side**2 * plane.depth, batch)), rng.standard_normal((units, batch))
    full = plane.matrix(weights, windows)
    assert full.shape == (units, len(x))
    connections = plane.matrix(np.ones_like(weights), windows)
    assert (connections.sum(axis=1) == weights.shape[1]).all()
    assert np.array_equal(full != 0, connections == 1)

    def local(*parents):
        return Local(*parents, plane=plane, windows=windows)

    *found, d_weights, d_bias = passes(local, weights, bias, x, error)
    *expected, d_full, d_full_bias = passes(Affine, full, bias, x, error)
    for ours, theirs in zip([*found, d_bias], [*expected, d_full_bias], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(plane.matrix(d_weights, windows), d_full * connections, rtol=1e-12, atol=1e-12)


def test_both_passes_are_pytorchs():
    recipes = json.loads((Path(__file__).parents[1] / "fixtures/torch_recipes.json").read_text(encoding="utf-8"))
    given = {name: np.array(values) for name, values in recipes["local"].items()}
    columns = {name: given[name].reshape(2, -1).T for name in ("x", "error", "z", "d_x")}
    rows = {name: given[name].reshape(18, -1) for name in ("weights", "d_weights")}

    def local(*parents):
        return Local(*parents, plane=Plane(7, 2), windows=Windows(3, 3))

    found = passes(local, rows["weights"], given["bias"].reshape(-1), columns["x"], columns["error"])
    for ours, theirs in zip(
        found, (columns["z"], columns["d_x"], rows["d_weights"], given["d_bias"].reshape(-1)), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def test_a_network_has_weights_for_the_windows_alone():
    layers = [
        Layer("first", 32, local=Windows(4, 10)),
        Layer("second", 12, inputs=("first",), local=Windows(2, 3)),
        Layer("output", 10, inputs=("second",)),
    ]
    network = Network(784, layers)
    network.initialize(np.random.default_rng(1))
    shapes = network.parameters.shapes
    assert [shapes[layer.weights] for layer in layers] == [(32, 100), (12, 18), (10, 12)]
    assert [network.matrix(layer).shape for layer in layers] == [(32, 784), (12, 32), (10, 12)]
    first = network.parameters.value("first.weights")
    assert np.std(first) == pytest.approx(np.sqrt(2 / 100), rel=0.05)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Layer("a", 10, inputs=("dense",), local=Windows(1, 1)), "reads windows of one plane"),
        (Layer("a", 10, inputs=("input", "dense"), local=Windows(1, 1)), "reads windows of one plane"),
        (Layer("a", 10, local=Windows(1, 29)), "reads windows of one plane"),
        (Layer("a", 10, local=Windows(3, 9)), "10 units cannot be divided among 9 windows"),
    ],
)
def test_windows_that_do_not_fit_are_refused(layer, message):
    with pytest.raises(GraphError, match=message):
        Network(784, [Layer("dense", 9), layer])
