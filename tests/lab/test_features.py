"""The first layer's development: from the random start on, one stage an epoch, with the detector of a stroke."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nncli import build
from nncli.data.load import load
from nncli.lab.features import configuration, develop, run


@pytest.fixture(scope="module")
def digits():
    drawn = load("synthetic-digits", "test")
    return replace(drawn, images=drawn.images[:600], labels=drawn.labels[:600])


@pytest.fixture(scope="module")
def development(digits):
    return develop(digits, units=6, epochs=3, direction=90)


def test_stages_go_from_the_random_start_to_the_trained_network(development, digits):
    assert [stage.epoch for stage in development.stages] == [0, 1, 2, 3]
    start = build.network(configuration(600, 6, 3, seed=1), 784).parameters.value("hidden1.weights")
    assert np.array_equal(development.stages[0].weights, start)
    assert [stage.weights.shape for stage in development.stages] == [(6, 784)] * 4
    for before, after in zip(development.stages, development.stages[1:], strict=False):
        assert not np.array_equal(before.weights, after.weights)
    assert development.stages[-1].error < development.stages[1].error


def test_weights_fade_where_no_digit_has_ink(development, digits):
    blank = ~digits.images.reshape(600, -1).any(axis=0)
    start, end = development.stages[0].weights, development.stages[-1].weights
    assert np.abs(end[:, blank]).mean() < np.abs(start[:, blank]).mean()
    assert np.abs(end[:, ~blank]).mean() > np.abs(start[:, ~blank]).mean()


def test_epochs_are_told_and_reported(monkeypatch, digits):
    told = []
    monkeypatch.setattr("nncli.lab.features.load_digits", lambda *_: digits)
    values = run(units=4, epochs=2, progress=told.append).values
    assert told == [f"epoch {k}/2, error on held-out digits {values['stages'][k]['error']:.2%}" for k in (1, 2)]
    assert values["stages"][0]["error"] is None
    assert values["detector"]["direction"] == 45
    assert values["stages"][-1]["preference"] == pytest.approx(values["detector"]["preference"])


def test_on_mnist_a_unit_comes_to_prefer_a_diagonal_stroke():
    folder = os.environ.get("NNCLI_DATA_DIR")
    if not folder:
        pytest.skip("NNCLI_DATA_DIR is not set: no MNIST to train on")
    mnist = load("mnist", "train", directory=Path(folder))
    development = develop(replace(mnist, images=mnist.images[:6000], labels=mnist.labels[:6000]), epochs=4)
    start, end = (development.preference(development.stages[k]) for k in (0, -1))
    assert end > 0.1
    assert end > 3 * abs(start)
