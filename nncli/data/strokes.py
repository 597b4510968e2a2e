"""Handwritten forms of the ten digits: the points that a pen passes through, and the curves through them."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS = 64
"""Number of points at which the curves of a digit are sampled."""

FORMS = Path(__file__).with_name("forms.txt")


@dataclass(frozen=True)
class Form:
    """A way to write a digit; the points of its curves are `basis @ controls`, also for displaced controls."""

    frequency: int
    controls: Floats  # (controls, 2)
    basis: Floats  # (POINTS, controls)


@cache
def forms(digit: int) -> tuple[Form, ...]:
    """Return the forms of a digit."""
    lines = [line for line in FORMS.read_text(encoding="ascii").splitlines() if line.startswith(f"{digit} ")]
    return tuple(_form(int(frequency), strokes) for _, frequency, strokes in (line.split(" ", 2) for line in lines))


def _form(frequency: int, strokes: str) -> Form:
    """Return the form with these strokes, which are Catmull-Rom curves."""
    from scipy.interpolate import CubicHermiteSpline  # not at module level: every command that loads data would wait

    controls, pieces = _read(strokes)
    knots = [_knots(controls[piece]) for piece in pieces]
    ends = np.cumsum([0.0] + [knot[-1] for knot in knots])
    positions = (np.arange(POINTS) + 0.5) * ends[-1] / POINTS
    basis = np.zeros((POINTS, len(controls)))
    for piece, knot, (start, end) in zip(pieces, knots, pairwise(ends), strict=True):
        inside = (positions >= start) & (positions < end)
        weights = np.eye(len(knot))  # of each control point, at each control point
        spline = CubicHermiteSpline(knot, weights, np.gradient(weights, knot, axis=0))
        basis[inside, piece] = spline(positions[inside] - start)
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
