"""Costs: multiply-adds against counts by hand, and exponents of costs that are known; no test reads a clock."""

import itertools

import numpy as np
import pytest

from nncli.errors import OptionError
from nncli.lab import cost
from nncli.lab.cost import exponent, exponents, measure, perceptron
from nncli.nn.network import Layer, Network, NetworkGraph

SOFTMAX = [Layer("output", 10)]
ONE_HIDDEN = [Layer("a", 256), Layer("output", 10, "linear", ("a",))]
SKIPPING = [
    Layer("a", 100, "tanh"),
    Layer("b", 50, "relu", ("a", "input")),
    Layer("output", 10, "linear", ("b", "a")),
]


@pytest.mark.parametrize(
    ("layers", "forward", "backward"),
    [
        (SOFTMAX, 7_840, 7_840),  # 784 * 10; the input's error signal is not computed
        (ONE_HIDDEN, 203_264, 205_824),  # 784 * 256 + 256 * 10, and 784 * 256 + 2 * 256 * 10
        (SKIPPING, 124_100, 169_800),  # 784 * 100 + 884 * 50 + 150 * 10, and 784 * 100 + 2 * (884 * 50 + 150 * 10)
    ],
)
def test_multiply_adds_agree_with_a_count_by_hand(layers, forward, backward):
    graph = NetworkGraph(Network(784, layers), "cross_entropy", rng=np.random.default_rng(0))
    assert graph.graph.multiply_adds() == (forward, backward)


def test_a_perceptron_has_the_width_and_depth_asked_for():
    # input 20 -> 20 -> 20 -> 20 -> 10
    assert perceptron(20, 3).graph.multiply_adds() == (3 * 400 + 200, 400 + 2 * (2 * 400 + 200))


@pytest.mark.parametrize(("power", "constant"), [(2, 3e-9), (1, 5.0), (0, 1.0), (1.5, 1e6)])
def test_the_exponent_of_a_power_law_is_found(power, constant):
    sizes = [64, 128, 300, 1000]
    assert exponent(sizes, [constant * size**power for size in sizes]) == pytest.approx(power, abs=1e-12)


@pytest.fixture
def steady_clock(monkeypatch):
    """Let a pass take as many seconds as it has multiply-adds, forward, and three times as many backward."""

    def passes(graph):
        forward, _ = graph.graph.multiply_adds()
        yield forward
        yield 3 * forward

    monkeypatch.setattr(cost, "passes", passes)


def test_a_sweep_holds_counts_beside_times(steady_clock):
    values = cost.run((32, 16), (1, 2, 4), seconds=0).values
    assert [(each["width"], each["depth"]) for each in values["widths"]] == [(16, 3), (32, 3)]
    assert [(each["width"], each["depth"]) for each in values["depths"]] == [(448, 1), (448, 2), (448, 4)]
    for each in (*values["widths"], *values["depths"]):
        counts = perceptron(each["width"], each["depth"]).graph.multiply_adds()
        assert (each["forward"], each["backward"]) == counts
        assert each["measured_ratio"] == pytest.approx(3)
        assert each["predicted_ratio"] == counts[1] / counts[0]


def test_the_fastest_round_counts(monkeypatch):
    times = itertools.chain([5.0, 9.0], [4.0, 11.0], [6.0, 8.0], itertools.repeat(99.0))
    monkeypatch.setattr(cost, "perceptron", lambda width, depth: NetworkGraph(Network(width, SOFTMAX), "cross_entropy"))
    monkeypatch.setattr(cost, "passes", lambda graph: (next(times), next(times)))
    (found,) = measure([(16, 3)], seconds=0)
    assert (found["forward_seconds"], found["backward_seconds"]) == (4.0, 8.0)


def test_counted_cost_is_quadratic_in_width_and_linear_in_depth(monkeypatch):
    monkeypatch.setattr(cost, "passes", lambda graph: (1.0, 1.0))
    wide, deep = measure([(w, 3) for w in (384, 512, 768)], 0), measure([(128, d) for d in (4, 8, 16)], 0)
    assert exponents(wide, "width") == {"counted": pytest.approx(2, abs=0.05), "measured": pytest.approx(0, abs=1e-9)}
    assert exponents(deep, "depth") == {"counted": pytest.approx(1, abs=0.06), "measured": pytest.approx(0, abs=1e-9)}
    ratios = [each["predicted_ratio"] for each in deep]
    assert ratios == sorted(ratios)
    assert 1.7 < ratios[0] < ratios[-1] < 2


def test_an_exponent_needs_two_sizes():
    with pytest.raises(OptionError, match="repeat --depth"):
        cost.run((16, 32), (2, 2))
