"""Digits as strokes of a pen: several forms of each, drawn in an unsteady hand. Independent of MNIST and of nncli.

A form is a list of strokes, and a stroke a list of points (x, y) in a unit square, with y downwards: the corners of a
polyline, or points on a smooth curve. A curve that ends where it begins is closed.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.interpolate import CubicSpline

Array: TypeAlias = NDArray[np.float64]
Stroke: TypeAlias = tuple[Literal["line", "curve"], list[tuple[float, float]]]

FINE = 4  # pixels of the drawing for one pixel of the result, along each axis

FORMS: dict[int, list[list[Stroke]]] = {
    0: [
        [("curve", [(0.5, 0), (0.15, 0.22), (0.1, 0.6), (0.45, 1), (0.85, 0.7), (0.85, 0.25), (0.5, 0)])],
        [("curve", [(0.62, 0.05), (0.25, 0.12), (0.12, 0.55), (0.4, 0.97), (0.8, 0.75), (0.82, 0.25), (0.5, 0.02)])],
    ],
    1: [
        [("line", [(0.5, 0), (0.5, 1)])],
        [("line", [(0.28, 0.25), (0.55, 0), (0.55, 1)])],
        [("line", [(0.28, 0.22), (0.52, 0), (0.52, 1)]), ("line", [(0.25, 1), (0.8, 1)])],
    ],
    2: [
        [
            ("curve", [(0.1, 0.25), (0.35, 0.02), (0.72, 0.05), (0.82, 0.3), (0.55, 0.65), (0.1, 1)]),
            ("line", [(0.1, 1), (0.9, 1)]),
        ],
        [
            (
                "curve",
                [(0.15, 0.2), (0.45, 0), (0.78, 0.2), (0.6, 0.6), (0.25, 0.97), (0.1, 0.86), (0.35, 0.8), (0.95, 0.97)],
            )
        ],
    ],
    3: [
        [
            ("curve", [(0.12, 0.14), (0.45, 0), (0.8, 0.17), (0.68, 0.4), (0.38, 0.47)]),
            ("curve", [(0.38, 0.47), (0.76, 0.54), (0.88, 0.78), (0.55, 1), (0.08, 0.88)]),
        ],
        [
            ("line", [(0.14, 0.02), (0.82, 0), (0.42, 0.4)]),
            ("curve", [(0.42, 0.4), (0.78, 0.47), (0.88, 0.75), (0.55, 1), (0.1, 0.9)]),
        ],
    ],
    4: [
        [("line", [(0.3, 0), (0.1, 0.62), (0.92, 0.62)]), ("line", [(0.66, 0.25), (0.66, 1)])],
        [("line", [(0.66, 1), (0.66, 0), (0.06, 0.68), (0.95, 0.68)])],
        [("line", [(0.15, 0), (0.15, 0.5), (0.8, 0.5)]), ("line", [(0.8, 0), (0.8, 1)])],
    ],
    5: [
        [
            ("line", [(0.85, 0), (0.22, 0), (0.17, 0.42)]),
            ("curve", [(0.17, 0.42), (0.52, 0.34), (0.87, 0.58), (0.76, 0.9), (0.42, 1), (0.08, 0.88)]),
        ],
        [
            ("curve", [(0.25, 0.04), (0.22, 0.4), (0.6, 0.42), (0.85, 0.65), (0.65, 0.95), (0.1, 0.95)]),
            ("line", [(0.25, 0.04), (0.85, 0)]),
        ],
    ],
    6: [
        [
            ("curve", [(0.74, 0.02), (0.35, 0.25), (0.12, 0.65), (0.3, 0.97), (0.72, 0.95), (0.82, 0.68), (0.5, 0.52)]),
            ("curve", [(0.5, 0.52), (0.28, 0.58), (0.13, 0.72)]),
        ],
        [("curve", [(0.4, 0), (0.17, 0.4), (0.15, 0.8), (0.48, 1), (0.82, 0.8), (0.62, 0.56), (0.2, 0.7)])],
    ],
    7: [
        [("line", [(0.1, 0), (0.9, 0), (0.38, 1)])],
        [("line", [(0.1, 0.04), (0.88, 0), (0.4, 1)]), ("line", [(0.3, 0.5), (0.85, 0.5)])],
        [("line", [(0.1, 0.05), (0.85, 0.03)]), ("curve", [(0.85, 0.03), (0.6, 0.45), (0.5, 1)])],
    ],
    8: [
        [
            (
                "curve",
                [
                    (0.78, 0.12),
                    (0.45, 0),
                    (0.18, 0.2),
                    (0.48, 0.47),
                    (0.84, 0.76),
                    (0.5, 1),
                    (0.14, 0.78),
                    (0.48, 0.48),
                    (0.8, 0.24),
                    (0.78, 0.12),
                ],
            )
        ],
        [
            ("curve", [(0.5, 0), (0.22, 0.22), (0.5, 0.45), (0.78, 0.22), (0.5, 0)]),
            ("curve", [(0.5, 0.45), (0.12, 0.73), (0.5, 1), (0.88, 0.73), (0.5, 0.45)]),
        ],
    ],
    9: [
        [
            ("curve", [(0.82, 0.12), (0.45, 0), (0.15, 0.25), (0.42, 0.5), (0.82, 0.3), (0.82, 0.12)]),
            ("line", [(0.82, 0.12), (0.76, 1)]),
        ],
        [
            ("curve", [(0.84, 0.2), (0.5, 0), (0.16, 0.25), (0.42, 0.5), (0.84, 0.25)]),
            ("curve", [(0.84, 0.2), (0.84, 0.62), (0.66, 0.97), (0.22, 0.93)]),
        ],
    ],
}


@dataclass(frozen=True)
class Pen:
    """A pen; lengths are fractions of the digit's height.

    Attributes:
        width: width of its lines.
        nib: length of a broad nib held at 40 degrees, as in calligraphy; 0 for a round point.
    """

    width: float
    nib: float = 0.0


@dataclass(frozen=True)
class Hand:
    """How digits are written.

    Attributes:
        slant: degrees to the right.
        turn: degrees clockwise.
        aspect: width divided by height, of a digit in its unit square.
        unsteady: how far a point may be from its place, as a fraction of the height.
    """

    slant: float = 0.0
    turn: float = 0.0
    aspect: float = 0.65
    unsteady: float = 0.03


def draw(digit: int, height: int, pen: Pen, hand: Hand, random: np.random.Generator) -> Array:
    """Return the ink of a digit, 0 to 1, without margins; before a turn it is about `height` pixels high."""
    forms = FORMS[digit]
    strokes = [_points(stroke) for stroke in forms[random.integers(len(forms))]]
    strokes = _placed(strokes, hand, random)
    scale, width = FINE * height, max(1.0, FINE * height * pen.width)
    reach = scale * pen.nib / 2 * np.array([np.cos(np.radians(40)), -np.sin(np.radians(40))])
    margin = width + np.abs(reach).max() + FINE
    every = scale * np.concatenate(strokes)
    origin = every.min(axis=0) - margin
    columns, rows = np.ceil((np.ptp(every, axis=0) + 2 * margin) / FINE).astype(int)
    image = Image.new("L", (FINE * int(columns), FINE * int(rows)))
    canvas = ImageDraw.Draw(image)
    for stroke in strokes:
        _trace(canvas, scale * stroke - origin, width, reach)
    ink = np.asarray(image.resize((int(columns), int(rows)), Image.Resampling.BOX), np.float64) / 255
    down, across = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return ink[down[0] : down[-1] + 1, across[0] : across[-1] + 1]


def _points(stroke: Stroke) -> Array:
    """Return many points of a stroke, (n, 2)."""
    kind, given = stroke
    points = np.array(given, np.float64)
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0], np.cumsum(lengths)])
    at = np.linspace(0, along[-1], 150)
    if kind == "line":
        return np.stack([np.interp(at, along, each) for each in points.T], axis=1)
    closed = given[0] == given[-1]
    return CubicSpline(along, points, bc_type="periodic" if closed else "natural")(at)  # type: ignore[no-any-return]


def _placed(strokes: list[Array], hand: Hand, random: np.random.Generator) -> list[Array]:
    """Return strokes in units of the digit's height, after the movements of the hand.

    Points move by smooth waves, so strokes that meet still do.
    """
    amplitude = random.normal(0, hand.unsteady, (3, 2))
    frequency, phase = random.uniform(1, 6, (3, 2)), random.uniform(0, 2 * np.pi, 3)
    slant, turn = np.tan(np.radians(hand.slant)), np.radians(hand.turn)
    shape = np.array([[hand.aspect * random.uniform(0.85, 1.15), -slant], [0, 1]])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return [(each + np.sin(each @ frequency.T + phase) @ amplitude) @ shape.T @ rotation.T for each in strokes]


def _trace(canvas: ImageDraw.ImageDraw, points: Array, width: float, reach: Array) -> None:
    """Draw a stroke with round ends; a broad nib, `reach` to either side, is drawn at each of its points."""
    dense = np.stack([np.interp(np.linspace(0, 1, 400), np.linspace(0, 1, len(points)), each) for each in points.T], 1)
    for point in dense:
        ends = [tuple(point - reach), tuple(point + reach)]
        canvas.line(ends, fill=255, width=round(width))
        for x, y in ends:
            canvas.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
