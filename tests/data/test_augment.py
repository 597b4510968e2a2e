"""Distortions against SciPy's interpolation and against what geometry says."""

import numpy as np
import pytest
from scipy.ndimage import center_of_mass, gaussian_filter, map_coordinates

from nncli.data import synthetic
from nncli.data.augment import BLOCK, Augmentation, Elastic, warp

EVERYTHING = Augmentation(shift=2, rotate=15, scale=0.15, shear=10, elastic=Elastic(36, 5))


@pytest.fixture(scope="module")
def images():
    return synthetic.generate(1000, 7)[0]


def test_the_interpolation_is_scipys(images):
    sources = EVERYTHING.sources(len(images), 28, 28, np.random.default_rng(1))
    sources[:, ::10] += 20  # most of these are outside the image
    expected = [
        map_coordinates(image.astype(np.float64), at, order=1, mode="grid-constant", prefilter=False)
        for image, at in zip(images, np.moveaxis(sources, 1, 0), strict=True)
    ]
    assert np.abs(warp(images, sources) - expected).max() / 255 < 1e-5


def test_weaker_distortions_have_smaller_maxima():
    weaker = EVERYTHING.weaker(0.5)
    assert weaker == Augmentation(shift=1, rotate=7.5, scale=0.075, shear=5, elastic=Elastic(18, 5))
    assert Augmentation(shift=2).weaker(0.25) == Augmentation(shift=0.5)
    assert EVERYTHING.weaker(1) == EVERYTHING


def test_nothing_is_moved_without_distortions(images):
    assert np.array_equal(Augmentation().apply(images, np.random.default_rng(1)), images)


def test_distortions_depend_on_the_generator_only(images):
    first, second, other = (EVERYTHING.apply(images[:200], np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
    assert images[:200].size < (first != images[:200]).sum() * 20  # most strokes have moved


def test_images_are_distorted_differently():
    same = np.repeat(synthetic.generate(1, 7)[0], BLOCK + 2, axis=0)
    distorted = EVERYTHING.apply(same, np.random.default_rng(1))
    assert len(np.unique(distorted.reshape(len(same), -1), axis=0)) == len(same)


def spot(row, column):
    """Draw a spot of 2x2 pixels on images of 28x28."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, row : row + 2, column : column + 2] = 255
    return np.repeat(image, 400, axis=0)


def moved(augmentation, row, column):
    """Return where the spots of many images went, relative to the centre: (n, 2)."""
    distorted = augmentation.apply(spot(row, column), np.random.default_rng(3))
    return np.array([center_of_mass(image) for image in distorted]) - 13.5


@pytest.mark.parametrize(
    ("augmentation", "measure", "bound"),
    [
        (Augmentation(shift=3), lambda at: at[:, 0] + 8, 3),
        (Augmentation(shift=3), lambda at: at[:, 1], 3),
        (Augmentation(rotate=20), lambda at: np.degrees(np.arctan2(at[:, 1], -at[:, 0])), 20),
        (Augmentation(scale=0.25), lambda at: at[:, 0] / -8 - 1, 0.25),
        (Augmentation(shear=20), lambda at: np.degrees(np.arctan2(at[:, 1], -at[:, 0])), 20),
    ],
)
def test_each_amount_is_uniform_up_to_its_bound(augmentation, measure, bound):
    values = measure(moved(augmentation, 5, 13))  # a spot 8 pixels above the centre
    assert np.abs(values).max() < 1.03 * bound
    assert np.abs(values).max() > 0.95 * bound
    assert abs(np.mean(values)) < 0.12 * bound
    assert np.std(values) == pytest.approx(bound / 3**0.5, rel=0.1)


def test_rotation_keeps_the_distance_and_shear_the_row():
    rotated, sheared = (moved(each, 5, 13) for each in (Augmentation(rotate=20), Augmentation(shear=20)))
    assert np.hypot(*rotated.T) == pytest.approx(8, abs=0.1)
    assert sheared[:, 0] == pytest.approx(-8, abs=0.1)


def test_elastic_displacements_are_the_papers():
    """Smoothed as SciPy does it: the standard deviation of its result, measured in the middle of the image."""
    found = Elastic(34, 4).displacements(500, 29, 29, np.random.default_rng(5))
    uniform = np.random.default_rng(6).uniform(-1, 1, (500, 29, 29))
    expected = 34 * gaussian_filter(uniform, 4, mode="constant", truncate=8, axes=(1, 2))
    middle = np.s_[..., 10:19, 10:19]
    assert found[middle].std() == pytest.approx(expected[middle].std(), rel=0.1)
    assert found.shape == (2, 500, 29, 29)
