"""A file of predictions gives back every number exactly, in the order of the examples."""

import io

import numpy as np
import pytest

from nncli.evaluation.predictions import Predictions


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_formats_hold_every_number_exactly(dtype):
    rng = np.random.default_rng(1)
    indices, labels = rng.permutation(50), rng.integers(0, 10, 50).astype(np.uint8)
    probabilities = rng.dirichlet(np.full(10, 0.05), 50).T.astype(dtype)  # some of them tiny
    predictions = Predictions(indices, labels, probabilities)
    arrays = np.load(io.BytesIO(predictions.encoded(".npz")))
    rows = np.loadtxt(io.BytesIO(predictions.encoded(".csv")), delimiter=",", skiprows=1)
    assert np.array_equal(arrays["probabilities"], probabilities.T)
    assert np.array_equal(rows[:, 3:].astype(dtype), probabilities.T)
    for column, (name, expected) in enumerate(
        [("indices", indices), ("labels", labels), ("predictions", probabilities.argmax(axis=0))]
    ):
        assert np.array_equal(arrays[name], expected)
        assert np.array_equal(rows[:, column], expected)
