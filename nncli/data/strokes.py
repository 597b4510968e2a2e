"""How people write the ten digits: each form as the points a pen passes through, and the curves through them."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS = 64
"""Points at which every digit, long or short, is sampled along its curves."""

FORMS: tuple[tuple[tuple[int, str], ...], ...] = (
    (  # 0
        (3, "30,0 9,15 0,50 9,85 30,100 51,85 60,50 51,15 30,0"),
        (2, "24,0 7,20 0,55 7,90 21,100 37,80 44,45 37,10 24,0"),
        (2, "44,8 27,2 8,25 0,60 12,95 32,98 52,70 58,30 45,3 22,8"),
        (1, "40,2 10,20 0,55 18,96 60,90 80,50 66,10 36,1 25,5"),
    ),
    (  # 1
        (8, "0,0 0,50 0,100"),
        (1, "0,20 20,0 > 22,50 22,100"),
        (1, "0,18 22,0 > 22,100 | 0,100 45,100"),
    ),
    (  # 2
        (2, "0,22 12,4 35,0 52,18 45,45 20,75 0,98 > 30,97 60,98"),
        (2, "2,18 28,2 52,12 48,38 5,95 > 30,92 62,97"),
        (3, "2,25 15,5 38,2 50,22 40,60 15,95 0,90 6,74 25,80 45,97 70,92"),
        (1, "0,5 45,4 > 5,95 > 60,96"),
    ),
    (  # 3
        (3, "3,12 25,0 48,12 42,36 20,46 > 45,55 52,78 30,100 0,90"),
        (1, "0,3 50,2 > 20,42 > 50,58 50,85 25,100 0,92"),
        (2, "5,10 30,0 48,18 35,40 18,46 25,50 50,62 48,88 22,100 0,88"),
    ),
    (  # 4
        (3, "10,0 0,50 > 28,50 60,48 | 50,5 42,100"),
        (3, "8,0 2,35 12,52 35,50 55,40 | 52,0 50,100"),
        (1, "40,0 0,62 > 65,62 | 40,0 38,100"),
        (2, "20,0 0,55 > 70,50 | 50,25 35,100"),
        (1, "8,0 4,40 26,48 50,36 > 52,0 > 46,100"),
    ),
    (  # 5
        (3, "12,2 8,42 > 30,36 52,55 48,85 22,100 0,90 | 12,2 60,0"),
        (2, "55,2 25,4 8,22 20,42 42,60 38,88 15,100 0,90"),
        (2, "70,0 22,4 > 14,40 > 36,46 40,75 22,98 0,90"),
    ),
    (  # 6
        (2, "40,0 12,30 0,70 15,98 40,92 48,70 32,56 10,68 3,80"),
        (2, "30,0 8,50 2,82 20,100 42,86 38,64 18,62 4,80"),
        (1, "55,8 35,0 10,25 0,65 12,98 42,97 54,72 38,52 14,60 2,76"),
    ),
    (  # 7
        (3, "0,5 50,0 > 32,45 20,100"),
        (2, "0,18 2,4 > 50,3 > 34,40 26,100"),
        (2, "0,12 20,2 45,4 48,20 30,60 22,100"),
        (1, "0,5 52,0 > 34,45 22,100 | 8,52 52,46"),
    ),
    (  # 8
        (3, "50,12 30,0 8,14 15,38 40,58 48,82 25,100 2,84 12,58 38,38 50,16 46,6"),
        (2, "30,0 10,20 30,45 50,20 30,0 | 30,45 3,72 30,100 57,72 30,45"),
        (2, "60,5 30,2 12,18 20,40 36,60 34,90 14,100 2,84 14,62 40,36 64,8"),
    ),
    (  # 9
        (3, "45,12 22,0 2,20 10,42 34,38 47,12 > 44,50 40,100"),
        (1, "45,12 22,0 2,20 10,42 34,38 47,10 > 46,60 32,95 5,96"),
        (2, "50,5 20,2 0,28 14,44 36,30 50,5 > 30,60 16,100"),
    ),
)
"""The forms of each digit: (how common, strokes).

A stroke is written as the points it passes through, "x,y" in hundredths of the digit's height with y downwards.
The pen runs smoothly from point to point, turns sharply at ">" and is lifted at "|".
"""


@dataclass(frozen=True)
class Form:
    """One way to write a digit: its curve points are `basis @ controls`, whatever the controls are moved to."""

    frequency: int
    controls: Floats  # (controls, 2)
    basis: Floats  # (POINTS, controls)


@cache
def forms(digit: int) -> tuple[Form, ...]:
    """The forms of `digit`, ready to be sampled."""
    return tuple(_form(frequency, strokes) for frequency, strokes in FORMS[digit])


def _form(frequency: int, strokes: str) -> Form:
    controls, pieces = _read(strokes)
    knots = [_knots(controls[piece]) for piece in pieces]
    ends = np.cumsum([0.0] + [knot[-1] for knot in knots])
    positions = (np.arange(POINTS) + 0.5) * ends[-1] / POINTS
    basis = np.zeros((POINTS, len(controls)))
    for piece, knot, (start, end) in zip(pieces, knots, pairwise(ends), strict=True):
        inside = (positions >= start) & (positions < end)
        basis[inside, piece] = _spline(knot, positions[inside] - start)
    return Form(frequency, controls, basis)


def _read(strokes: str) -> tuple[Floats, list[slice]]:
    """Control points (controls, 2) in units of the height, and the slice of them in each smooth piece."""
    controls: list[list[float]] = []
    pieces: list[slice] = []
    for stroke in strokes.split("|"):
        for turn, piece in enumerate(stroke.split(">")):
            start = len(controls) - (turn > 0)  # a turn is shared by the pieces on either side
            controls += [[float(number) / 100 for number in point.split(",")] for point in piece.split()]
            pieces.append(slice(start, len(controls)))
    return np.array(controls), pieces


def _knots(controls: Floats) -> Floats:
    """Chord length from the first control point to each, (controls,)."""
    chords = np.linalg.norm(np.diff(controls, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(chords)])


def _spline(knots: Floats, positions: Floats) -> Floats:
    """Weight of every control point at the positions of a Catmull-Rom curve, (positions, controls)."""
    values = np.eye(len(knots))
    slopes = np.gradient(values, knots, axis=0)
    left = np.searchsorted(knots, positions, side="right") - 1
    width = np.diff(knots)[left, None]
    t = (positions - knots[left])[:, None] / width
    return np.asarray(
        (1 + 2 * t) * (1 - t) ** 2 * values[left]
        + t * (1 - t) ** 2 * width * slopes[left]
        + t**2 * (3 - 2 * t) * values[left + 1]
        + t**2 * (t - 1) * width * slopes[left + 1]
    )
