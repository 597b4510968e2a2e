"""Panels of curves: nothing lies over a curve or beyond the page, and the axes can be read."""

import numpy as np
import pytest

from nncli.figures.curves import Curve, Panel, draw

FALLING = Curve("a curve that falls", range(1, 121), list(2.5 * np.exp(-np.arange(120) / 30)), "points")
RISING = Curve("another that rises", range(1, 121), list(np.linspace(0.1, 2.5, 120)))
GUIDE = Curve("a guide", [1, 120], [2.5, 2.5], "plain")


def drawn(*panels, **options):
    return draw(panels, title="title", caption="caption", **options)


@pytest.mark.parametrize(("count", "zoom"), [(5, 1.0), (2, 1.8)])
def test_legends_and_labels_lie_on_the_page_and_beside_the_curves(count, zoom):
    curves = [FALLING, RISING, GUIDE, FALLING, RISING][:count]
    panel = Panel(curves, title="a title", x_label="epoch", y_label="loss", y_log=True)
    figure = drawn(panel, panel, panel, panel, zoom=zoom)
    figure.canvas.draw()
    for axes in figure.axes:
        legend, title = axes.get_legend().get_window_extent(), axes.title.get_window_extent()
        assert [text.get_text() for text in axes.get_legend().get_texts()] == [curve.label for curve in curves]
        assert legend.y0 >= axes.get_window_extent().y1
        assert title.y0 >= legend.y1 - 6  # the legend has an empty border
    page, everything = figure.bbox_inches, figure.get_tightbbox()
    assert 0 <= everything.x0 < everything.x1 <= page.width
    assert 0 <= everything.y0 < everything.y1 <= page.height


@pytest.mark.parametrize(("low", "high"), [(8, 32), (4096, 8192), (0.09, 2.5), (0.9, 0.95), (1, 99), (1e-310, 1)])
def test_a_logarithmic_axis_has_at_least_three_labels(low, high):
    axes = drawn(Panel([Curve("curve", [low, high], [low, high])], x_log=True, y_log=True)).axes[0]
    for axis in (axes.xaxis, axes.yaxis):
        start, end = sorted(axis.get_view_interval())
        labels = [
            label.get_text()
            for label, tick in zip(axis.get_ticklabels(), axis.get_majorticklocs(), strict=True)
            if start <= tick <= end and label.get_text()
        ]
        assert len(set(labels)) >= 3


@pytest.mark.parametrize(("epochs", "log"), [([1], False), ([0, 1], False), ([1, 3], True), ([1, 200], False)])
def test_epochs_and_layers_are_integers(epochs, log):
    axes = drawn(Panel([Curve("curve", epochs, epochs)], x_log=log)).axes[0]
    assert all(float(tick).is_integer() for tick in axes.xaxis.get_majorticklocs())


def test_a_single_point_is_marked():
    one, two = (Curve("curve", epochs, epochs) for epochs in ([1], [1, 2]))
    assert [line.get_marker() for line in drawn(Panel([one, two])).axes[0].lines] == ["o", ""]


def test_twelve_curves_are_told_apart():
    lines = drawn(Panel([Curve(f"curve {index}", [0, 1], [0, index]) for index in range(12)])).axes[0].lines
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 12


def test_a_long_title_stays_on_the_page():
    figure = draw([Panel([RISING])], title="a xor b " * 12, caption="of many words " * 20)
    assert max(text.get_window_extent().x1 for text in figure.texts) <= figure.bbox.width


def test_values_that_a_logarithmic_axis_cannot_show_are_left_out():
    axes = drawn(Panel([Curve("curve", [0, 1, 2], [0, 1, 0.1])], y_log=True)).axes[0]
    assert axes.get_ylim()[0] > 0.01
