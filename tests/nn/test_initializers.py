"""Initial weights have the moments that their papers ask for, and the same seed draws the same."""

import math

import numpy as np
import pytest

from nncli.nn.initializers import INITIALIZERS

OUTPUTS, INPUTS = 300, 400


def draw(name, dtype=np.float64, seed=0, **scale):
    weights = np.full((OUTPUTS, INPUTS), np.nan, dtype)
    INITIALIZERS[name](weights, np.random.default_rng(seed), **scale)
    return weights


@pytest.mark.parametrize(
    ("name", "scale", "deviation", "kurtosis"),
    [
        ("he", {}, math.sqrt(2 / INPUTS), 3),
        ("glorot", {}, math.sqrt(2 / (INPUTS + OUTPUTS)), 1.8),
        ("normal", {}, 0.01, 3),
        ("normal", {"scale": 0.3}, 0.3, 3),
        ("uniform", {}, 0.05 / math.sqrt(3), 1.8),
        ("uniform", {"scale": 0.3}, 0.3 / math.sqrt(3), 1.8),
    ],
)
def test_moments(name, scale, deviation, kurtosis):
    weights = draw(name, **scale)
    count = weights.size
    assert abs(weights.mean()) < 5 * deviation / math.sqrt(count)
    assert weights.std() == pytest.approx(deviation, rel=5 / math.sqrt(count))
    assert (weights**4).mean() / (weights**2).mean() ** 2 == pytest.approx(kurtosis, rel=0.05)


@pytest.mark.parametrize(("name", "bound"), [("glorot", math.sqrt(6 / (INPUTS + OUTPUTS))), ("uniform", 0.05)])
def test_uniform_weights_keep_to_their_bound(name, bound):
    assert 0.99 * bound < np.abs(draw(name)).max() <= bound


@pytest.mark.parametrize(("name", "scale"), [("zeros", {}), ("normal", {"scale": 0.0}), ("uniform", {"scale": 0.0})])
def test_zeros_and_a_scale_of_zero(name, scale):
    assert not draw(name, **scale).any()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_generator_decides_whatever_the_type(name):
    assert np.array_equal(draw(name, seed=3), draw(name, seed=3))
    assert np.array_equal(draw(name, seed=3).astype(np.float32), draw(name, seed=3, dtype=np.float32))
    assert name == "zeros" or not np.array_equal(draw(name, seed=3), draw(name, seed=4))
