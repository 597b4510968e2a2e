"""Straight strokes in a given direction, and how strongly units respond to them: the preference of a detector."""

from typing import Any

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import Array

OFFSETS = range(-8, 9, 2)  # of the strokes tried, in pixels from the centre
LENGTH = 14.0  # of a stroke, in pixels
_SOFTNESS = 1.2  # pixels from a stroke's axis at which its ink has faded to 1/e


def stroke(direction: float, offset: float, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Return a stroke with ink from 0 to 1, (rows, columns).

    Its direction is in degrees counterclockwise from the horizontal: 0 is -, 45 is /, 90 is |, 135 is the other
    diagonal. Its offset from the centre is in pixels, at right angles to the direction.
    """
    rows, columns = shape
    y, x = np.mgrid[:rows, :columns]
    x, y = x - (columns - 1) / 2, (rows - 1) / 2 - y  # from the centre, y upwards
    angle = np.radians(direction)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = -x * np.sin(angle) + y * np.cos(angle) - offset
    beyond = np.maximum(np.abs(along) - LENGTH / 2, 0)
    ink: npt.NDArray[np.float64] = np.exp(-(across**2 + beyond**2) / _SOFTNESS**2)
    return ink


def responses(weights: Array, directions: npt.ArrayLike, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Return the cosine of the angle between each unit's weights and the best placed stroke in each direction.

    Weights are (units, rows * columns), and directions are in degrees; the result is (units, directions).
    """
    detectors = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    found = []
    for direction in np.atleast_1d(directions):
        strokes = np.array([stroke(direction, offset, shape).reshape(-1) for offset in OFFSETS])
        strokes /= np.linalg.norm(strokes, axis=1, keepdims=True)
        found.append((detectors @ strokes.T).max(axis=1))
    return np.array(found).T


def best_detector(weights: Array, direction: float, shape: tuple[int, int], step: float = 15.0) -> dict[str, Any]:
    """Find the unit that prefers a direction most.

    Returns:
        Plain values: the unit, the direction, the unit's preference (its response to that direction, less its mean
        response to all), and its `answers` to the directions `tested`, every `step` degrees.
    """
    tested = (direction + np.arange(0, 180, step)) % 180
    answers = responses(weights, tested, shape)
    preferences = answers[:, 0] - answers.mean(axis=1)
    unit, order = int(preferences.argmax()), np.argsort(tested)
    return {
        "unit": unit,
        "direction": direction,
        "preference": float(preferences[unit]),
        "tested": tested[order].tolist(),
        "answers": answers[unit, order].tolist(),
    }
