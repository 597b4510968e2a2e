"""The average of probabilities: equal weights, and one array for one network."""

import numpy as np
import pytest

from nncli.evaluation.ensemble import average, cross_entropy

FIRST = np.array([[0.9, 0.6], [0.1, 0.4]])  # (classes, examples)
SECOND = np.array([[0.5, 0.1], [0.5, 0.9]])


def test_members_have_equal_weights():
    np.testing.assert_allclose(average([FIRST, SECOND]), [[0.7, 0.35], [0.3, 0.65]])
    alone = FIRST.astype(np.float32)
    assert average([alone]).dtype == np.float32
    assert np.array_equal(average([alone]), alone)


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [(FIRST, -(np.log(0.1) + np.log(0.6)) / 2), (np.eye(2, dtype=np.float32), -np.log(np.finfo(np.float32).tiny))],
)
def test_the_loss_is_finite_even_for_a_probability_of_0(probabilities, expected):
    assert cross_entropy(probabilities, np.array([1, 0], np.uint8)) == pytest.approx(expected)
