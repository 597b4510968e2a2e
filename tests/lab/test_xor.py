"""XOR: the truth table, the functions one unit can compute, and trainings that succeed or fail as they say."""

import math

import numpy as np
import pytest

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
    assert xor.run(seeds=2, steps=50).values["learned"][1] == xor.learned(2, "tanh", 2, 50, 0.1)


def test_one_hidden_unit_never_learns_xor():
    assert xor.run(hidden_units=1, seeds=5, steps=300).values["share"] == 0
