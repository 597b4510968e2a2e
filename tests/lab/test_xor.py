"""XOR: the truth table, the functions one unit can compute, and trainings that succeed or fail as they say."""

import math

import numpy as np
import pytest

from nncli.lab import xor


def test_the_designed_network_computes_xor_exactly():
    rows = [(row.x1, row.x2, row.h1, row.h2, row.y) for row in xor.run(seeds=[1], steps=1).table]
    assert rows == [(0, 0, 0, 0, 0), (0, 1, 1, 0, 1), (1, 0, 1, 0, 1), (1, 1, 1, 1, 0)]


def test_one_unit_computes_all_functions_of_two_inputs_but_two():
    found = xor.refuted()
    assert found.units == 17**3
    assert found.functions == 14  # the number of linearly separable ones (Muroga, 1971)
    assert found.missing == ("0110", "1001")


def test_without_negative_numbers_a_unit_computes_five_functions():
    found = xor.refuted(np.array([0, 0.5, 1]))
    assert set(found.missing) == {f"{k:04b}" for k in range(16)} - {"0000", "0011", "0101", "0111", "1111"}
    assert (found.units, found.functions) == (27, 5)


@pytest.mark.parametrize("activation", ["logistic", "tanh"])
def test_learned_says_of_each_seed_what_its_outputs_show(activation):
    report = xor.run(activation=activation, hidden_units=3, seeds=range(1, 6), steps=600, learning_rate=0.5)
    for each in report.learned:
        right = [y > 0.5 for y in each.outputs] == [False, True, True, False]
        assert (each.solved_at is not None) == right
        losses = [-math.log(y if t else 1 - y) for y, t in zip(each.outputs, (0, 1, 1, 0), strict=True)]
        assert each.loss == pytest.approx(sum(losses) / 4)
    assert report.share == sum(each.solved_at is not None for each in report.learned) / 5
    assert report.share >= 0.6


def test_seeds_are_independent_of_each_other():
    together = xor.run(seeds=[3, 4], steps=50).learned
    assert together[1] == xor.run(seeds=[4], steps=50).learned[0]


def test_one_hidden_unit_never_learns_xor():
    assert xor.run(hidden_units=1, seeds=range(5), steps=300).share == 0
