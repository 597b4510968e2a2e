"""XOR: the truth table, the functions one unit can compute, and trainings that succeed or fail as they say."""

import math

import numpy as np
import pytest
from scipy.special import expit

from nncli.lab import xor


def test_the_designed_network_computes_xor_exactly():
    rows = [tuple(row.values()) for row in xor.designed()["table"]]
    assert rows == [(0, 0, 0, 0, 0), (0, 1, 1, 0, 1), (1, 0, 1, 0, 1), (1, 1, 1, 1, 0)]


@pytest.mark.parametrize(
    ("grid", "units", "computed"),
    [
        (xor.GRID, 17**3, {f"{k:04b}" for k in range(16)} - {"0110", "1001"}),  # all linearly separable (Muroga, 1971)
        (np.array([0, 0.5, 1]), 27, {"0000", "0011", "0101", "0111", "1111"}),  # those without negative numbers
    ],
)
def test_the_functions_that_one_unit_computes(grid, units, computed):
    found = xor.refuted(grid)
    assert (found["units"], found["functions"]) == (units, len(computed))
    assert set(found["missing"]) == {f"{k:04b}" for k in range(16)} - computed


@pytest.mark.parametrize("activation", ["logistic", "tanh"])
def test_learned_says_of_each_seed_what_its_outputs_show(activation):
    values = xor.run(activation, hidden_units=3, seeds=5, steps=600, learning_rate=0.5).values
    for each in values["learned"]:
        right = [y > 0.5 for y in each["outputs"]] == [False, True, True, False]
        assert (each["solved_at"] is not None) == right
        losses = [-math.log(y if t else 1 - y) for y, t in zip(each["outputs"], (0, 1, 1, 0), strict=True)]
        assert each["loss"] == pytest.approx(sum(losses) / 4)
    assert values["share"] == sum(each["solved_at"] is not None for each in values["learned"]) / 5
    assert values["share"] >= 0.6


def test_seeds_are_independent_of_each_other():
    assert xor.run(seeds=2, steps=50).values["learned"][1] == xor.train(2, "tanh", 2, 50, 0.1)[1]


def test_one_hidden_unit_never_learns_xor():
    assert xor.run(hidden_units=1, seeds=5, steps=300).values["share"] == 0


@pytest.mark.parametrize("options", [{}, {"hidden_units": 1}, {"activation": "logistic", "hidden_units": 9}])
def test_the_figure_shows_the_designed_and_a_learned_network(options):
    figure = xor.run(**options, seeds=3, steps=300, learning_rate=0.5).draw()
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[:4] == ["designed: h1", "designed: h2", "designed: y", "designed: y, from h1 and h2"]
    units = options.get("hidden_units", 2)
    assert titles[4].endswith(": h1")
    assert len(titles) == 4 + min(units, 6) + 1 + (units == 2)


def test_regions_are_those_of_the_network():
    network, _ = xor.train(1, "tanh", 2, 2000, 0.1)
    h1, _, y, from_hidden = xor._regions("", network, expit)
    assert (y.response(xor.INPUTS) > 0.5).tolist() == [False, True, True, False]
    np.testing.assert_allclose(from_hidden.response(from_hidden.points), y.response(xor.INPUTS))
    np.testing.assert_allclose(h1.response(xor.INPUTS), from_hidden.points[0])
