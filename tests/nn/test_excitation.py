"""The input that excites a unit most: exact for linear units, a climb for others, bounded always."""

import numpy as np
import pytest

from nncli.errors import DivergedError
from nncli.nn.excitation import Excitation, typical_norm
from nncli.nn.network import Layer, Network


def network(*layers, inputs=12, dtype=np.float64, seed=0):
    built = Network(inputs, layers, dtype=dtype)
    built.initialize(np.random.default_rng(seed))
    return built


def ascend(net, layer, units, norm=3.0, seed=1):
    return Excitation(net, layer, np.array(units)).ascend(norm, np.random.default_rng(seed))


def test_a_unit_that_reads_the_input_is_excited_by_its_weights():
    net = network(Layer("hidden1", 5, "relu"), Layer("output", 10, "linear", ("hidden1",)))
    weights = net.parameters.value("hidden1.weights")[[3, 0]]
    expected = 3 * weights.T / np.linalg.norm(weights, axis=1)
    np.testing.assert_allclose(ascend(net, "hidden1", [3, 0]), expected, rtol=1e-4, atol=1e-5)


def test_a_unit_above_linear_layers_is_excited_by_the_product_of_the_weights():
    net = network(
        Layer("a", 6, "linear"),
        Layer("b", 7, "linear", ("a", "input")),
        Layer("output", 10, "linear", ("b",)),
    )
    w_a, w_b = (net.parameters.value(f"{name}.weights") for name in "ab")
    direct = w_b[:, :6] @ w_a + w_b[:, 6:]  # (7, 12)
    expected = 3 * direct.T / np.linalg.norm(direct, axis=1)
    np.testing.assert_allclose(ascend(net, "b", range(7)), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("activation", ["relu", "soft_relu", "logistic", "tanh"])
def test_the_climb_beats_a_thousand_random_inputs(activation):
    net = network(Layer("a", 20, activation), Layer("b", 6, activation, ("a",)), Layer("output", 10, inputs=("b",)))
    excitation = Excitation(net, "b", np.arange(6))
    x = excitation.ascend(3.0, np.random.default_rng(1))
    excitation.graph.forward()
    reached = excitation.z.value.diagonal().copy()
    np.testing.assert_allclose(np.linalg.norm(x, axis=0), 3, rtol=1e-12)

    tries = np.random.default_rng(2).normal(size=(12, 1000))
    everything = Excitation(net, "b", np.zeros(1000, int))
    everything.x.value = 3 * tries / np.linalg.norm(tries, axis=0)
    everything.graph.bind(1000)
    everything.graph.forward()
    assert (reached > everything.z.value.max(axis=1)).all()


def test_the_network_stays_as_it_was():
    net = network(Layer("a", 5), Layer("b", 4, "relu", ("a",)), Layer("output", 10, inputs=("b",)))
    before = net.parameters.values.copy()
    ascend(net, "b", [0, 1])
    np.testing.assert_array_equal(net.parameters.values, before)


def test_the_same_noise_gives_the_same_input_in_the_networks_dtype():
    layers = Layer("a", 5), Layer("output", 10, inputs=("a",))
    first, second = (ascend(network(*layers, dtype=np.float32), "output", [9, 2]) for _ in range(2))
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, second)


def test_a_unit_that_nothing_reaches_keeps_its_noise():
    net = network(Layer("a", 5), Layer("output", 10, inputs=("a",)))
    net.parameters.value("a.weights")[...] = 0
    x = ascend(net, "output", [0])
    np.testing.assert_allclose(np.linalg.norm(x), 3)


def test_weights_that_overflow_are_reported():
    net = network(Layer("a", 5), Layer("output", 10, inputs=("a",)), dtype=np.float32)
    net.parameters.values[...] = 3e38
    with pytest.raises(DivergedError, match="not finite"):
        ascend(net, "output", [0])


def test_a_typical_norm_is_that_of_a_tenth_of_the_pixels_inked():
    image = np.zeros(1000)
    image[:100] = 2.5
    assert typical_norm(1000, 2.5) == pytest.approx(np.linalg.norm(image))
