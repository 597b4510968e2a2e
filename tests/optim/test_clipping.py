"""Norms are bounded where they exceed the bound, and left alone, byte for byte, where they do not."""

import numpy as np
import pytest

from nncli.optim.clipping import clip_norm, max_norm


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("gradient", "bound", "clipped"),
    [
        ([3, 4], 10, [3, 4]),
        ([3, 4], 5, [3, 4]),
        ([3, 4], 1, [0.6, 0.8]),
        ([-30, 40, 0], 5, [-3, 4, 0]),
        ([0, 0], 1, [0, 0]),
    ],
)
def test_clip_norm(gradient, bound, clipped, dtype):
    errors = np.array(gradient, dtype)
    assert clip_norm(errors, bound) == np.linalg.norm(gradient)
    np.testing.assert_allclose(errors, clipped, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_clip_norm_keeps_the_direction(dtype):
    gradient = np.random.default_rng(0).standard_normal(1000).astype(dtype)
    errors = gradient.copy()
    norm = clip_norm(errors, 2.0)
    assert np.linalg.norm(errors) == pytest.approx(2, rel=1e-5)
    np.testing.assert_allclose(errors * norm / 2, gradient, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_max_norm_bounds_each_unit_by_itself(dtype):
    weights = np.array([[3, 4], [0.3, 0.4], [0, 0], [-6, 8], [0, 5]], dtype)
    before = weights.copy()
    max_norm(weights, 5.0)
    assert np.array_equal(weights[[0, 1, 2, 4]], before[[0, 1, 2, 4]])
    np.testing.assert_allclose(weights[3], [-3, 4], rtol=1e-6)


def test_max_norm_works_on_a_view():
    vector = np.arange(12.0)
    max_norm(vector[4:].reshape(2, 4), 1.0)
    assert vector[:4].tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(np.linalg.norm(vector[4:].reshape(2, 4), axis=1), [1, 1])
