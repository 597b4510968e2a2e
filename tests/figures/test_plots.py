"""Figures of runs: every value can be seen."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from nncli.evaluation.metrics import Calibration
from nncli.figures.plots import calibrations, learning_curves, misclassified
from nncli.figures.styles import STYLES


def test_the_errors_of_a_single_epoch_are_marked():
    groups: list[Any] = [
        SimpleNamespace(label="run", runs=[1], validation_curves=[curve], training_curves=[curve])
        for curve in ({1: 0.2}, {1: 0.2, 2: 0.1})
    ]
    lines = learning_curves(groups, STYLES["paper"]).axes[0].lines
    assert [(line.get_marker(), line.get_fillstyle()) for line in lines[:2]] == [("o", "full"), ("o", "none")]
    assert [line.get_marker() for line in lines[2:]] == ["", ""]


def test_the_points_on_the_edge_of_a_calibration_are_drawn_whole():
    measured = Calibration(np.array([3, 4]), np.array([0.5, 1.0]), np.array([0.0, 1.0]))
    tested: dict[str, Any] = {"run": SimpleNamespace(calibration=measured)}
    figure = calibrations(tested, STYLES["paper"])
    assert not figure.axes[0].lines[-1].get_clip_on()


def test_each_misclassified_image_is_shown_under_its_labels():
    images = np.arange(3 * 4, dtype=np.uint8).reshape(3, 2, 2)
    shown = SimpleNamespace(
        data=SimpleNamespace(images=images, labels=[1, 2, 3]),
        predictions=[1, 7, 9],
        confidences=[1.0, 0.9, 0.8],
        worst=lambda count: [1, 2][:count],
    )
    tested: dict[str, Any] = {"run": shown, "other": shown}
    drawn = [axes for axes in misclassified(tested, 2, STYLES["paper"]).axes if axes.images]
    assert [axes.get_title() for axes in drawn] == ["2 → 7\n90%", "3 → 9\n80%"] * 2
    assert np.array_equal(np.asarray(drawn[1].images[0].get_array()), 255 - images[2])
