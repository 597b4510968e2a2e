"""The first layer's development: from the random start on, one stage an epoch, with the detector of a stroke."""

import itertools
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nncli import build
from nncli.lab import features
from nncli.lab.features import LENGTH, best_detector, responses, stroke

SHAPE = (28, 28)


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


def test_on_mnist_a_unit_learns_to_prefer_a_diagonal_stroke(monkeypatch):
    folder = os.environ.get("NNCLI_DATA_DIR")
    if not folder:
        pytest.skip("NNCLI_DATA_DIR is not set: no MNIST to train on")
    monkeypatch.setattr(features, "EXAMPLES", 6000)
    stages = features.run(epochs=4, data_dir=Path(folder)).values["stages"]
    assert stages[-1]["preference"] > 0.1
    assert stages[-1]["preference"] > 3 * abs(stages[0]["preference"])


@pytest.mark.parametrize(
    ("direction", "along", "across"),
    [
        (0, (0, 4), (4, 0)),  # (rows, columns) from the centre, rows downwards
        (90, (4, 0), (0, 4)),
        (45, (-4, 4), (4, 4)),
        (135, (4, 4), (-4, 4)),
        (180, (0, -4), (4, 0)),
    ],
)
def test_a_stroke_has_ink_along_its_direction_and_none_across(direction, along, across):
    ink = stroke(direction, 0, (29, 29))
    for sign in (1, -1):
        assert ink[14 + sign * along[0], 14 + sign * along[1]] > 0.9
        assert ink[14 + sign * across[0], 14 + sign * across[1]] < 1e-3


@pytest.mark.parametrize(("direction", "offset", "centre"), [(0, 5, (9, 14)), (90, 5, (14, 9)), (90, -5, (14, 19))])
def test_an_offset_moves_it_at_right_angles(direction, offset, centre):
    ink = stroke(direction, offset, (29, 29))
    assert ink[centre] == pytest.approx(1)
    assert ink[14, 14] < 1e-3


def test_a_stroke_has_its_length():
    row = stroke(0, 0, (29, 29))[14]
    assert np.count_nonzero(row > 0.5) == pytest.approx(LENGTH, abs=2)


def test_a_unit_answers_fully_to_its_own_stroke_and_to_nothing_more():
    weights = np.array([3 * stroke(30, 2, SHAPE).ravel(), np.ones(28 * 28)])
    answers = responses(weights, [30, 120], SHAPE)
    assert answers.shape == (2, 2)
    assert answers[0, 0] == pytest.approx(1)
    assert answers[0, 1] < 0.5
    assert np.all(np.abs(answers) <= 1 + 1e-12)
    assert answers[1, 0] == pytest.approx(answers[1, 1], rel=0.05)


@pytest.mark.parametrize("direction", [0, 20, 45, 90, 135, 170])
def test_the_unit_that_looks_for_a_direction_is_found(direction):
    rng = np.random.default_rng(0)
    weights = 0.3 * rng.standard_normal((12, 28 * 28))
    weights[5] = stroke(direction, -4, SHAPE).ravel() - 0.1
    weights[8] = stroke(direction + 60, 0, SHAPE).ravel()
    found = best_detector(weights, direction, SHAPE)
    assert found["unit"] == 5
    assert found["preference"] > 0.3
    assert len(found["tested"]) == 12
    assert found["tested"] == sorted(found["tested"])
    assert found["tested"][int(np.argmax(found["answers"]))] == direction
