"""Handwritten forms of the ten digits: the points that a pen passes through, and the curves through them."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS = 64
"""Number of points at which the curves of a digit are sampled."""

FORMS = """
0 2 36,0 12,14 0,50 10,86 34,100 60,84 70,50 60,15 36,0
0 2 24,0 7,20 0,55 7,90 21,100 37,80 44,45 37,10 24,0
0 2 44,8 27,2 8,25 0,60 12,95 32,98 52,70 58,30 45,3 22,8
0 3 40,2 10,20 0,55 18,96 60,90 80,50 66,10 36,1 25,5
0 1 50,4 20,12 0,55 10,95 30,98 56,70 66,30 52,6 40,0 34,14
0 1 60,0 24,14 0,56 12,96 40,92 64,50 56,14 30,10 22,30
1 10 0,0 0,50 0,100
1 1 0,20 20,0 > 22,50 22,100
1 1 0,18 22,0 > 22,100 | 0,100 45,100
2 2 0,22 12,4 35,0 52,18 45,45 20,75 0,98 > 30,97 66,98
2 2 2,18 28,2 52,12 48,38 5,95 > 30,92 68,90
2 3 2,25 15,5 38,2 50,22 40,60 15,95 0,90 6,74 25,80 45,97 75,90
2 4 5,20 24,2 50,4 58,26 46,62 18,92 0,86 8,68 34,72 60,94 80,96
2 2 8,22 24,4 46,2 56,20 44,56 20,92 4,92 4,80 20,72 40,84 62,98 84,90
2 1 10,32 4,14 24,0 46,8 48,34 26,70 0,94 > 24,88 62,100
2 1 0,5 45,4 > 5,95 > 70,93
2 1 0,12 20,2 40,10 36,40 8,84 12,96 40,92 70,88
2 1 6,14 22,0 44,6 44,28 28,60 10,90 0,94 4,78 24,78 44,96 74,92
3 3 3,12 25,0 48,12 42,36 20,46 > 45,55 52,78 30,100 0,90
3 2 0,3 50,2 > 20,42 > 50,58 50,85 25,100 0,92
3 2 5,10 30,0 52,14 38,38 18,46 28,50 54,62 50,88 22,100 0,88
3 1 8,12 40,0 60,14 44,38 22,44 > 50,50 54,72 32,94 0,100
3 2 6,6 30,0 54,8 46,30 24,46 > 44,52 54,70 40,92 16,100 0,94
3 2 18,10 40,0 58,10 48,30 28,42 > 52,54 50,78 30,96 0,98
3 2 10,6 36,0 46,14 32,36 14,44 > 40,50 46,72 26,98 0,92
4 3 12,0 0,50 > 30,52 66,46 | 60,5 46,100
4 2 8,0 2,35 14,52 38,50 58,38 | 58,0 52,100
4 1 40,0 0,62 > 70,62 | 40,0 38,100
4 3 24,2 0,55 > 75,46 | 62,10 34,100
4 1 16,0 0,44 > 20,54 70,40 | 66,8 40,100
4 1 14,0 0,55 > 60,50 | 44,24 36,100
5 3 14,2 8,42 > 30,36 54,55 50,85 22,100 0,90 | 14,2 66,0
5 2 60,2 25,4 8,22 20,42 42,60 38,88 15,100 0,90
5 2 78,0 26,4 > 16,40 > 38,46 42,75 22,98 0,90
5 1 95,0 40,8 > 28,44 > 54,52 52,80 26,98 0,92
5 2 50,0 14,6 > 6,44 > 44,42 62,66 44,94 4,96
5 2 14,8 6,44 > 32,34 54,50 50,82 24,100 0,92 | 12,8 40,5 80,2
5 1 56,0 10,2 > 8,46 > 30,40 46,50 44,80 30,100 12,100 0,88
6 2 40,0 12,30 0,70 15,98 40,92 52,72 36,56 12,68 4,84
6 2 30,0 8,50 2,82 20,100 46,86 42,64 20,62 6,82
6 1 48,5 34,0 10,25 0,65 12,98 42,97 54,72 38,52 14,60 2,76
6 4 38,0 10,44 0,82 16,99 50,92 68,72 54,58 28,70 12,92
6 1 22,0 4,45 0,85 20,100 60,88 54,58 24,64 8,84
6 1 36,0 8,38 0,78 24,100 60,84 56,52 32,50 10,78
7 3 0,5 54,0 > 34,45 18,100
7 2 0,20 2,5 > 28,5 56,0 > 38,40 26,100
7 3 0,28 6,6 > 32,8 62,2 > 54,40 44,100
7 2 0,12 20,2 45,4 48,20 30,60 22,100
7 1 0,5 52,0 > 34,45 22,100 | 8,52 60,46
7 1 0,14 30,8 62,0 > 50,40 48,100
7 1 2,30 10,6 > 40,8 70,0 > 40,40 14,100
7 1 4,36 8,8 > 30,6 56,0 > 46,40 34,100
8 3 50,12 30,0 8,14 15,38 40,58 48,82 25,100 2,84 12,58 38,38 50,16 46,6
8 2 30,0 10,20 30,45 50,20 30,0 | 30,45 3,72 30,100 57,72 30,45
8 2 60,8 34,0 12,18 20,40 36,60 34,90 14,100 2,84 14,62 40,36 60,10
8 2 50,14 28,4 8,20 18,42 40,62 38,90 16,100 4,84 16,62 44,36 76,4
8 1 66,6 30,2 6,20 24,42 52,62 46,92 16,98 2,80 24,56 52,34 70,16
8 3 24,6 6,22 18,44 40,66 36,92 16,100 6,84 20,62 44,34 46,8 22,2
8 2 58,18 36,2 8,12 14,34 44,52 60,74 36,98 4,86 12,60 46,38 60,16
9 3 47,12 24,0 2,20 10,42 34,38 47,12 > 44,50 40,100
9 3 45,12 22,0 2,20 10,42 34,38 47,10 > 46,60 32,95 5,96
9 3 56,6 24,2 0,28 14,46 40,30 56,6 > 34,60 14,100
9 2 60,10 34,0 4,14 0,36 24,48 54,32 64,8 > 62,50 66,100
9 2 40,6 14,4 0,28 16,50 40,30 44,6 > 42,54 30,100
9 3 44,16 28,0 8,6 0,26 12,46 32,42 45,18 46,50 40,100
9 2 44,5 20,2 0,24 8,44 28,42 44,22 > 47,2 44,50 38,100
"""
"""The forms of the digits, one per line: digit, frequency, strokes.

Strokes are given by the points "x,y" that they pass through, in hundredths of the digit's height, with y downwards.
The pen moves smoothly from point to point, turns sharply at ">" and is lifted at "|".
"""


@dataclass(frozen=True)
class Form:
    """A way to write a digit; the points of its curves are `basis @ controls`, also for displaced controls."""

    frequency: int
    controls: Floats  # (controls, 2)
    basis: Floats  # (POINTS, controls)


@cache
def forms(digit: int) -> tuple[Form, ...]:
    """Return the forms of a digit."""
    rows = (line.split(" ", 2) for line in FORMS.strip().splitlines())
    return tuple(_form(int(frequency), strokes) for label, frequency, strokes in rows if int(label) == digit)


def _form(frequency: int, strokes: str) -> Form:
    """Return the form with these strokes."""
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
    """Return the control points (controls, 2) in units of the height, and the slice of them in each smooth piece."""
    controls: list[list[float]] = []
    pieces: list[slice] = []
    for stroke in strokes.split("|"):
        for turn, piece in enumerate(stroke.split(">")):
            start = len(controls) - (turn > 0)  # the pieces on both sides share a turning point
            controls += [[float(number) / 100 for number in point.split(",")] for point in piece.split()]
            pieces.append(slice(start, len(controls)))
    return np.array(controls), pieces


def _knots(controls: Floats) -> Floats:
    """Return the cumulative chord length at each control point, (controls,)."""
    chords = np.linalg.norm(np.diff(controls, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(chords)])


def _spline(knots: Floats, positions: Floats) -> Floats:
    """Return the weight of each control point at the positions of a Catmull-Rom curve, (positions, controls)."""
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
