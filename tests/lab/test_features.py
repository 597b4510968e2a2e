"""The first layer's development: from the random start on, one stage an epoch, with the detector of a stroke."""

import itertools
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nncli import build
from nncli.lab import features


@pytest.fixture(scope="module")
def digits(generated):
    return replace(generated, images=generated.images[:600], labels=generated.labels[:600])


@pytest.fixture(scope="module")
def stages(digits):
    return features.develop(digits, features.configuration(600, 6, 3, seed=1), lambda _: None)


def test_stages_go_from_the_random_start_to_the_trained_network(stages):
    weights, errors = stages
    start = build.network(features.configuration(600, 6, 3, seed=1), 784).parameters.value("hidden1.weights")
    assert np.array_equal(weights[0], start)
    assert weights.shape == (4, 6, 784)
    for before, after in itertools.pairwise(weights):
        assert not np.array_equal(before, after)
    assert errors[0] is None
    assert errors[-1] < errors[1]


def test_weights_fade_where_no_digit_has_ink(stages, digits):
    blank = ~digits.images.reshape(600, -1).any(axis=0)
    start, end = stages[0][0], stages[0][-1]
    assert np.abs(end[:, blank]).mean() < np.abs(start[:, blank]).mean()
    assert np.abs(end[:, ~blank]).mean() > np.abs(start[:, ~blank]).mean()


def test_epochs_are_told_and_reported(looking_at):
    told: list[str] = []
    looking_at(features, 600)
    values = features.run(units=4, epochs=2, progress=told.append).values
    assert told == [f"epoch {k}/2, validation error {values['stages'][k]['error']:.2%}" for k in (1, 2)]
    assert values["stages"][0]["error"] is None
    assert values["detector"]["direction"] == 45
    assert values["stages"][-1]["preference"] == pytest.approx(values["detector"]["preference"])


def test_on_mnist_a_unit_comes_to_prefer_a_diagonal_stroke(monkeypatch):
    folder = os.environ.get("NNCLI_DATA_DIR")
    if not folder:
        pytest.skip("NNCLI_DATA_DIR is not set: no MNIST to train on")
    monkeypatch.setattr(features, "EXAMPLES", 6000)
    stages = features.run(epochs=4, data_dir=Path(folder)).values["stages"]
    assert stages[-1]["preference"] > 0.1
    assert stages[-1]["preference"] > 3 * abs(stages[0]["preference"])
