"""Logistic units in the limit of large weights, against closed forms worked out by hand."""

import math

import numpy as np
import pytest

from nncli.errors import OptionError
from nncli.lab import threshold_limit


def limit(text, scales=(1.0, 4.0, 10.0)):
    return threshold_limit.run(text, scales=scales).values


def sigma(z):
    return 1 / (1 + math.exp(-z))


@pytest.mark.parametrize("text", ["a and b", "a or b", "not a", "a and b and not c"])
def test_one_unit_is_off_by_sigma_of_half_the_scale(text):
    report = limit(text)
    assert [row["worst_error"] for row in report["rows"]] == pytest.approx(
        [sigma(-s / 2) for s in (1, 4, 10)], rel=1e-12
    )
    assert all(row["exact"] for row in report["rows"])
    assert report["exact_from"] == 0


def test_xor_becomes_exact_at_twice_the_logarithm_of_three():
    report = limit("a xor b")  # the first to fail is (0, 1): σ(s/2) - σ(-s/2) > 1/2 needs σ(s/2) > 3/4
    assert report["exact_from"] == pytest.approx(2 * math.log(3), rel=1e-9)
    expected = []
    for s in (1, 4, 10):
        outputs = [sigma(s * (sigma(s * (k - 0.5)) - sigma(s * (k - 1.5)) - 0.5)) for k in (0, 1, 2)]
        expected.append(max(outputs[0], 1 - outputs[1], outputs[2]))
    assert [row["worst_error"] for row in report["rows"]] == pytest.approx(expected, rel=1e-12)
    assert [row["exact"] for row in report["rows"]] == [error < 0.5 for error in expected]


@pytest.mark.parametrize("text", ["xor(a, b, c, d)", "(a and b and c) xor (b or c or d)", "xor(a,b,c,d,e,f,g,h)"])
def test_the_guarantee_holds_and_the_measured_scale_lies_below(text):
    report = limit(text)
    assert report["guaranteed_from"] == pytest.approx(4 * math.log(4 * report["fan_in"] - 1))
    assert 0 < report["exact_from"] <= report["guaranteed_from"]
    above, below = report["exact_from"] * 1.0001, report["exact_from"] * 0.9999
    around = limit(text, (below, above, report["guaranteed_from"], 10 * report["guaranteed_from"]))
    assert [row["exact"] for row in around["rows"]] == [False, True, True, True]
    assert around["rows"][2]["worst_error"] <= 1 / (4 * report["fan_in"])


def test_a_circuit_too_large_is_refused():
    bits = "".join(np.random.default_rng(1).choice(["0", "1"], 1 << 13))
    with pytest.raises(OptionError, match="too large"):
        threshold_limit.run(bits=bits)
