"""The sheet shows each unit's weights, on one scale that is symmetric about zero."""

import numpy as np
import pytest

from nncli.errors import NncliError
from nncli.figures.features import choose, sheet, symmetric_limit

SHAPE = (4, 4)


@pytest.fixture
def tile_colours(pixels):
    """Give the colour of each of two constant tiles, by a pixel in its middle: 4x4 at zoom 8, 4 pixels apart."""

    def read(weights):
        picture = pixels(sheet(weights, SHAPE, title=""))
        top, left = 50 + 4 + 16, 24 + 4 + 16
        return picture[top, left], picture[top, left + 36]

    return read


def test_a_title_in_a_script_that_no_font_has_is_drawn_without_a_warning(pixels):
    assert pixels(sheet(np.ones((1, 16)), SHAPE, title="数字")).min() < 255


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


def test_a_few_outliers_do_not_fade_the_rest():
    weights = np.random.default_rng(1).normal(size=(100, 784))
    before = symmetric_limit(weights)
    weights[3, 5] = 1e6
    assert symmetric_limit(weights) == pytest.approx(before, rel=0.01)


@pytest.mark.parametrize(("weights", "limit"), [([[0.0, 0.0]], 1.0), ([[0.0] * 999 + [-3.0]], 3.0), ([[2.0]], 2.0)])
def test_the_limit_is_never_zero(weights, limit):
    assert symmetric_limit(np.array(weights)) == limit


@pytest.mark.parametrize("units", [1, 10, 128, 1200])
def test_any_number_of_units_makes_a_picture(units, pixels):
    weights = np.random.default_rng(2).normal(size=(units, 784)).astype(np.float32)
    picture = pixels(sheet(weights, (28, 28), title="first layer", labels=[str(unit) for unit in range(units)]))
    assert picture.shape[0] > 200
    assert picture.shape[1] > 500
    assert (np.ptp(picture, axis=2) > 100).mean() > 0.02  # coloured, not only paper


def test_a_title_is_text_and_no_formula(pixels):
    picture = pixels(sheet(np.ones((1, 16)), SHAPE, title="run $\\frac{1$ of <b>"))
    assert (picture[10:40].sum(axis=2) < 300).any()


@pytest.mark.parametrize(
    ("count", "sort", "expected"),
    [
        (None, "index", [0, 1, 2, 3]),
        (2, "index", [0, 1]),
        (None, "norm", [2, 1, 3, 0]),
        (3, "norm", [2, 1, 3]),
        (9, "norm", [2, 1, 3, 0]),
    ],
)
def test_choose_takes_the_first_or_the_largest(count, sort, expected):
    weights = np.array([[0.5, 0], [0, -2], [2, 2], [2, 0]])
    assert choose(weights, count, sort).tolist() == expected


@pytest.mark.parametrize("shape", [(0, 16), (2, 15), (16,)])
def test_weights_that_are_no_pictures_are_refused(shape):
    with pytest.raises(NncliError, match="no pictures"):
        sheet(np.zeros(shape), SHAPE, title="")
