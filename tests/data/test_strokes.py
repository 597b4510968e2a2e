"""The strokes of the generated digits: curves through their controls, sampled evenly."""

import numpy as np
import pytest

from nncli.data import strokes


@pytest.mark.parametrize("digit", range(10))
def test_every_form_is_sampled_evenly_along_its_curves(digit):
    for form in strokes.forms(digit):
        points = form.basis @ form.controls
        assert points.shape == (strokes.POINTS, 2)
        np.testing.assert_allclose(form.basis.sum(axis=1), 1)  # moving all the controls moves the digit
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        assert steps.min() > 0
        assert (steps > 2.5 * np.median(steps)).sum() <= 1  # at most where the pen is lifted


def test_a_curve_passes_through_its_controls():
    written = next(line for line in strokes.FORMS.read_text().splitlines() if line.startswith("3 "))
    form = strokes.forms(3)[0]
    points = form.basis @ form.controls
    spacing = np.linalg.norm(np.diff(points, axis=0), axis=1).max()
    assert len(form.controls) == len(written.replace(">", "").split()[2:])
    for control in form.controls:
        assert np.linalg.norm(points - control, axis=1).min() <= spacing
