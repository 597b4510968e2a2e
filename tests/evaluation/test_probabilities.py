"""Evaluation: every example once, in order, whatever the batch size, without dropout and penalties; exact files."""

import io

import numpy as np
import pytest

from nncli.data.batches import Batches
from nncli.data.scaling import UNIT
from nncli.evaluation.probabilities import FORMATS, encode, evaluate, loss_and_error
from nncli.nn.network import NetworkGraph


@pytest.fixture
def network(small_training):
    model = {"input_dropout_probability": 0.5, "layers": [{"units": 12, "dropout_probability": 0.5}, {"units": 10}]}
    return small_training(model=model, dtype="float64").network


def batches_of(digits, batch_size, indices=None):
    data = digits["test"]
    indices = np.arange(60) if indices is None else indices
    return Batches(data.images, data.labels, indices, batch_size=batch_size, scaling=UNIT, dtype=np.float64)


@pytest.mark.parametrize("batch_size", [1, 7, 60])
def test_the_batch_size_changes_nothing(batch_size, network, digits):
    graph = NetworkGraph(network, "cross_entropy")
    loss, probabilities = evaluate(graph, batches_of(digits, batch_size))
    expected_loss, expected = evaluate(graph, batches_of(digits, 1000))
    assert probabilities.shape == (10, 60)
    np.testing.assert_allclose(probabilities.sum(axis=0), 1)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-12)
    assert loss == pytest.approx(expected_loss, rel=1e-12)


def test_loss_and_error_are_those_of_the_probabilities(network, digits):
    graph = NetworkGraph(network, "cross_entropy")
    indices = np.arange(60)[::-3]
    labels = digits["test"].labels[indices]
    _, probabilities = evaluate(graph, batches_of(digits, 7, indices))
    loss, error = loss_and_error(graph, batches_of(digits, 7, indices))
    assert loss == pytest.approx(-np.mean(np.log(probabilities[labels, np.arange(len(labels))])), rel=1e-12)
    assert error == np.mean(probabilities.argmax(axis=0) != labels)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_formats_hold_every_number_exactly(dtype):
    rng = np.random.default_rng(1)
    indices, labels = rng.permutation(50), rng.integers(0, 10, 50).astype(np.uint8)
    probabilities = rng.dirichlet(np.full(10, 0.05), 50).T.astype(dtype)  # some of them tiny
    files = {suffix: encode(suffix, indices, labels, probabilities) for suffix in FORMATS}
    arrays = np.load(io.BytesIO(files[".npz"]))
    rows = np.loadtxt(io.BytesIO(files[".csv"]), delimiter=",", skiprows=1)
    assert np.array_equal(arrays["probabilities"], probabilities.T)
    assert np.array_equal(rows[:, 3:].astype(dtype), probabilities.T)
    for column, (name, expected) in enumerate(
        [("indices", indices), ("labels", labels), ("predictions", probabilities.argmax(axis=0))]
    ):
        assert np.array_equal(arrays[name], expected)
        assert np.array_equal(rows[:, column], expected)
