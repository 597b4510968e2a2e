"""Scaling: bytes to 0..1, or to zero mean and unit variance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nncli.data.scaling import UNIT, Scaling
from nncli.errors import DataError


def applied(scaling, pixels, dtype=np.float64):
    out = np.full(pixels.shape, np.nan, dtype)
    scaling.apply(pixels, out)
    return out


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-7), (np.float64, 1e-15)])
def test_unit_brings_every_byte_between_0_and_1(dtype, tolerance):
    levels = np.arange(256, dtype=np.uint8)
    out = applied(UNIT, levels, dtype)
    assert out[0] == 0
    np.testing.assert_allclose(out, levels / 255, rtol=tolerance, atol=0)


@given(arrays(np.uint8, (5, 3, 3)).filter(lambda images: images.min() < images.max()))
def test_standardized_images_have_mean_0_and_variance_1(images):
    out = applied(Scaling.standardize(images), images)
    assert out.mean() == pytest.approx(0, abs=1e-9)
    assert out.std() == pytest.approx(1, rel=1e-9)


@given(arrays(np.uint8, (4, 2, 2)).filter(lambda images: images.min() < images.max()))
def test_the_mean_and_deviation_are_numpys(images):
    scaling = Scaling.standardize(images)
    assert (scaling.mean, scaling.deviation) == pytest.approx((images.mean(), images.std()), rel=1e-9)


def test_standardizing_needs_only_the_images_given():
    images = np.array([[[0, 100]], [[200, 100]]], np.uint8)
    assert applied(Scaling.standardize(images[:1]), images).tolist() == [[[-1, 1]], [[3, 1]]]
    assert Scaling.standardize(images, np.array([0])) == Scaling.standardize(images[:1])


@given(st.lists(st.integers(0, 2_499), min_size=1, unique=True))
def test_indices_choose_the_images(indices):
    images = np.random.default_rng(0).integers(0, 256, (2_500, 2, 2), np.uint8)
    assert Scaling.standardize(images, np.array(indices)) == Scaling.standardize(images[indices])


@given(st.integers(0, 255))
def test_images_without_contrast_cannot_be_standardized(level):
    with pytest.raises(DataError, match="standardize"):
        Scaling.standardize(np.full((3, 2, 2), level, np.uint8))
