"""Decision regions: low and high responses on both sides of the line, and the points to tell apart."""

import numpy as np
import pytest

from nncli.figures.regions import Region, draw

POINTS = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]])


def test_low_and_high_responses_have_their_colours_on_both_sides_of_the_line(pixels):
    region = Region("x1", lambda points: points[0], 0.5, (0, 1), POINTS, [False, False, True, True])
    figure = draw([[region]], title="title", caption="caption")
    picture, axes = pixels(figure), figure.axes[0]
    x, y = axes.transData.transform([(0.1, 0.5), (0.9, 0.5)])[:, 0], len(picture) - int(axes.bbox.y0) - 100
    low, high = (picture[y, int(each)] for each in x)
    assert low[0] > low[2] + 30
    assert high[2] > high[0] + 30
    (line,) = [path for each in axes.collections[:1] for path in each.get_paths()]
    assert np.asarray(line.vertices)[:, 0] == pytest.approx(0.5)


def test_rows_may_have_different_lengths_and_a_constant_response_has_no_line():
    constant = Region("unit", lambda points: np.zeros(points.shape[1]), 0.5, (0, 1), POINTS, [True] * 4)
    figure = draw([[constant], [constant] * 3], title="title", caption="caption")
    assert len(figure.axes) == 4
    assert len({round(axes.get_position().width, 3) for axes in figure.axes}) == 1
