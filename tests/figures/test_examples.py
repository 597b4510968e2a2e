"""The sheet of examples: a few of each class, each where it belongs, the same bytes every time."""

import numpy as np
import pytest

from nncli.figures.examples import choose, sheet

LABELS = np.array([3, 1, 3, 3, 1, 0], np.uint8)


@pytest.mark.parametrize(("per_class", "chosen"), [(1, [5, 1, 0]), (2, [5, 1, 4, 0, 2]), (9, [5, 1, 4, 0, 2, 3])])
def test_the_first_of_each_class(per_class, chosen):
    assert choose(LABELS, per_class).tolist() == chosen


def test_each_example_is_drawn_dark_on_white_in_its_turn(pixels):
    images = np.zeros((4, 28, 28), np.uint8)
    images[2] = 255
    grey = pixels(sheet(images, np.arange(4, dtype=np.uint8), title="digits", caption="four")).mean(axis=2)
    rows, columns = np.nonzero(grey == 0)  # the one tile that is all ink, 28 pixels at zoom 8
    assert np.count_nonzero(grey == 0) >= 224 * 224
    assert (np.median(rows) > grey.shape[0] / 2, np.median(columns) < grey.shape[1] / 2) == (True, True)
