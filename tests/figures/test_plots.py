"""Figures of runs: every value can be seen."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from nncli.evaluation.metrics import Calibration
from nncli.figures.plots import calibrations, learning_curves
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
