"""What the units of a layer look for: weights where it reads the image alone, preferred inputs elsewhere."""

import numpy as np
import pytest

from nncli.data.scaling import UNIT, Scaling
from nncli.figures.units import choose, images_of_units, symmetric_limit
from nncli.nn.network import Layer, Network

SKIP = (
    Layer("deep", 6, "relu", ("first", "input")),
    Layer("first", 5, "relu"),
    Layer("output", 10, "linear", ("deep", "first")),
)


@pytest.fixture
def skip():
    """A network whose second hidden layer, listed first, reads the image as well."""
    built = Network(12, SKIP)
    built.initialize(np.random.default_rng(0))
    return built


def test_layer_1_is_the_first_that_reads_the_image_and_is_shown_by_its_weights(skip):
    shown = images_of_units(skip, UNIT, skip.layers[0], None, "index")
    assert (shown.title, shown.quantity) == ("first: weights of 5 units", "weight")
    np.testing.assert_array_equal(shown.images, skip.parameters.value("first.weights"))


@pytest.mark.parametrize(("number", "layer", "units"), [(2, "deep", 6), (3, "output", 10)])
def test_a_deeper_layer_is_shown_by_inputs_even_where_it_reads_the_image_too(number, layer, units, skip):
    shown = images_of_units(skip, UNIT, skip.layers[number - 1], None, "index")
    assert (shown.title, shown.images.shape) == (f"{layer}: preferred inputs of {units} units", (units, 12))
    np.testing.assert_allclose(np.linalg.norm(shown.images, axis=1), np.sqrt(1.2), rtol=1e-5)


def test_inputs_are_measured_in_ink_whatever_the_scaling(skip):
    shown = images_of_units(skip, Scaling(mean=33.0, deviation=79.0), skip.layers[1], 2, "norm")
    np.testing.assert_allclose(np.linalg.norm(shown.images, axis=1), np.sqrt(1.2), rtol=1e-5)


@pytest.mark.parametrize(("sort", "units"), [("norm", [4, 0, 1]), ("index", [0, 1, 2])])
def test_some_units_by_norm_or_index(sort, units, skip):
    weights = skip.parameters.value("first.weights")
    weights[...] = np.array([4, 3, 2, 1, 5])[:, np.newaxis]
    shown = images_of_units(skip, UNIT, skip.layers[0], 3, sort)
    assert shown.units.tolist() == units
    np.testing.assert_array_equal(shown.images, weights[units])
    assert shown.title == "first: weights of 3 of 5 units"


def test_a_network_without_hidden_layers_shows_its_output_layer():
    net = Network(12, [Layer("output", 10, "linear")])
    assert images_of_units(net, UNIT, net.layers[0], None, "norm").title == "output: weights of 10 units"


@pytest.mark.parametrize(
    ("count", "sort", "expected"),
    [
        (None, "index", [0, 1, 2, 3]),
        (2, "index", [0, 1]),
        (None, "norm", [2, 1, 3, 0]),
        (3, "norm", [2, 1, 3]),
        (9, "norm", [2, 1, 3, 0]),
    ],
)
def test_choose_takes_the_first_or_the_largest(count, sort, expected):
    weights = np.array([[0.5, 0], [0, -2], [2, 2], [2, 0]])
    assert choose(weights, count, sort).tolist() == expected


def test_a_few_outliers_do_not_fade_the_rest():
    weights = np.random.default_rng(1).normal(size=(100, 784))
    before = symmetric_limit(weights)
    weights[3, 5] = 1e6
    assert symmetric_limit(weights) == pytest.approx(before, rel=0.01)


@pytest.mark.parametrize(("weights", "limit"), [([[0.0, 0.0]], 1.0), ([[0.0] * 999 + [-3.0]], 3.0), ([[2.0]], 2.0)])
def test_the_limit_is_never_zero(weights, limit):
    assert symmetric_limit(np.array(weights)) == limit
