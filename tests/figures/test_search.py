"""The figure of a search: its axes can be read."""

import pytest

from nncli.figures.search import Setting, draw


@pytest.mark.parametrize("points", [1, 3, 200])
def test_the_history_counts_points(points):
    values = [0.5 / (1 + index) for index in range(points)]
    figure = draw([Setting("rate", values)], values, objective_label="error", title="search")
    assert all(float(tick).is_integer() for tick in figure.axes[1].xaxis.get_majorticklocs())
