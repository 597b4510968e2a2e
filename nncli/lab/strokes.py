"""Straight strokes in a given direction, and how units answer to them: a feature detector's preference."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import Array

OFFSETS = range(-8, 9, 2)
"""Pixels from the centre at which strokes are tried, to each side of their direction."""

LENGTH = 14.0
"""Of a stroke, in pixels."""

_SOFTNESS = 1.2  # pixels from the stroke's axis at which its ink has faded to 1/e


def stroke(direction: float, offset: float, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Draw a stroke with ink from 0 to 1, as an array of (rows, columns).

    Args:
        direction: degrees from the horizontal, counterclockwise: 0 is -, 45 is /, 90 is |, 135 is the other
            diagonal.
        offset: pixels from the centre, at right angles to the direction.
        shape: (rows, columns).
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
    """Return how strongly each unit answers to each direction: w·x of the best placed stroke x of length 1, over ‖w‖.

    Args:
        weights: (units, rows * columns).
        directions: in degrees, (directions,).
        shape: (rows, columns).

    Returns:
        (units, directions), each from -1 to 1.
    """
    detectors = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    answers = []
    for direction in np.atleast_1d(directions):
        strokes = np.array([stroke(direction, offset, shape).reshape(-1) for offset in OFFSETS])
        strokes /= np.linalg.norm(strokes, axis=1, keepdims=True)
        answers.append((detectors @ strokes.T).max(axis=1))
    return np.array(answers).T


@dataclass(frozen=True)
class Detector:
    """The unit that prefers a direction most.

    Attributes:
        answers: to each of `tested` directions, in degrees.
        preference: its answer to the direction asked for, less its mean answer to all tested.
    """

    unit: int
    direction: float
    preference: float
    tested: list[float]
    answers: list[float]


def best_detector(weights: Array, direction: float, shape: tuple[int, int], step: float = 15.0) -> Detector:
    """Find the unit whose answer to one direction stands out most from its answers to all, `step` degrees apart."""
    tested = (direction + np.arange(0, 180, step)) % 180
    answers = responses(weights, tested, shape)
    preferences = answers[:, 0] - answers.mean(axis=1)
    unit = int(preferences.argmax())
    order = np.argsort(tested)
    return Detector(unit, direction, float(preferences[unit]), tested[order].tolist(), answers[unit, order].tolist())
