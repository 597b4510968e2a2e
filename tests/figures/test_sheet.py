"""Sheets: the weights of units on one scale that is symmetric about zero, and examples dark on white."""

import numpy as np
import pytest

from nncli.data.augment import Augmentation
from nncli.data.dataset import Dataset
from nncli.figures.sheet import distortions, examples, features

SHAPE = (4, 4)


@pytest.fixture
def tile_colours(pixels):
    """Give the colour of each of two constant tiles, by a pixel in its middle: 4x4 at zoom 8, framed, 2 apart."""

    def read(weights):
        picture = pixels(features(weights, SHAPE, title=""))
        top, left = 70 + 1 + 16, 24 + 1 + 16
        return picture[top, left], picture[top, left + 36]

    return read


def test_a_title_in_a_script_that_no_font_has_is_drawn_without_a_warning(pixels):
    assert pixels(features(np.ones((1, 16)), SHAPE, title="数字")).min() < 255


def test_zero_is_white_positive_red_negative_blue_and_opposite_equally_strong(tile_colours):
    positive, negative = tile_colours(np.repeat([[1.0], [-1.0]], 16, axis=1))
    zero, _ = tile_colours(np.repeat([[0.0], [-1.0]], 16, axis=1))
    assert zero.min() > 240
    assert positive[0] > positive[2] + 50
    assert negative[2] > negative[0] + 50
    faint_positive, faint_negative = tile_colours(np.repeat([[0.2], [-0.2], [1.0]], 16, axis=1))
    assert abs(faint_positive.sum() - faint_negative.sum()) < 60
    assert faint_positive.sum() > positive.sum()


def test_one_scale_for_all_units(tile_colours):
    weak, strong = tile_colours(np.repeat([[0.1], [1.0]], 16, axis=1))
    assert weak.min() > 200
    assert strong.min() < 60


@pytest.mark.parametrize("units", [1, 10, 1200])
def test_any_number_of_units_makes_a_picture(units, pixels):
    weights = np.random.default_rng(2).normal(size=(units, 784)).astype(np.float32)
    picture = pixels(features(weights, (28, 28), title="first layer", labels=[str(unit) for unit in range(units)]))
    assert picture.shape[0] > 200
    assert picture.shape[1] > 350
    assert (np.ptp(picture, axis=2) > 100).mean() > 0.02  # coloured, not only paper


def test_a_title_is_text_and_no_formula(pixels):
    picture = pixels(features(np.ones((1, 16)), SHAPE, title="run $\\frac{1$ of <b>"))
    assert (picture[10:40].sum(axis=2) < 300).any()


@pytest.mark.parametrize(("units", "columns"), [(1, 1), (2, 2), (3, 3), (7, 4), (10, 5), (128, 16), (512, 32)])
def test_the_grid_is_near_square_and_near_full_and_no_tile_covers_another(units, columns, pixels):
    picture = pixels(features(np.ones((units, 4)), (2, 2), title=""))
    ink = (picture == picture[70 + 9, 24 + 9]).all(axis=2)[70:, : 24 + columns * 20]
    assert ink.sum() == units * 16 * 16
    assert np.count_nonzero(np.diff(ink[8].astype(int)) == 1) == columns


def test_each_example_is_drawn_dark_on_white_in_the_row_of_its_class(pixels):
    labels = np.resize(np.array([1, 0], np.uint8), 14)
    images = np.zeros((14, 28, 28), np.uint8)
    images[6] = 255  # the fourth 1
    grey = pixels(examples(Dataset("digits", "train", images, labels), 5)).mean(axis=2)
    rows, columns = np.nonzero(grey == 0)  # the one tile that is all ink, 28 pixels at zoom 8
    assert np.count_nonzero(grey == 0) >= 224 * 224
    assert [int(np.median(rows) - 70) // (15 + 228), int(np.median(columns) - 24) // 228] == [1, 3]


def test_distorted_copies_stand_beside_their_original(pixels):
    images = np.zeros((2, 4, 4), np.uint8)
    images[0], images[1] = 255, 128
    data = Dataset("mine", "train", images, np.array([0, 1], np.uint8))
    picture = pixels(distortions(data, Augmentation(), 2, np.random.default_rng(1)))
    dark = picture[:, :, 0] < 50
    grey = (picture[:, :, 0] > 120) & (picture[:, :, 0] < 135)
    tile = 4 * 8
    assert dark[70:].sum() == pytest.approx(3 * tile**2, rel=0.02)
    assert grey[70:].sum() == pytest.approx(3 * tile**2, rel=0.02)
