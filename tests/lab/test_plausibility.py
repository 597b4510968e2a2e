"""Backprop against its alternatives: on MNIST as the lecture says, and how an angle is measured."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nncli import build
from nncli.lab import plausibility
from nncli.lab.demonstration import Table, count_until
from nncli.lab.plausibility import angle, angles, configuration

ALTERNATIVES = ("feedback_alignment", "direct_feedback_alignment")


@pytest.mark.parametrize(
    ("a", "b", "degrees"),
    [
        ([1, 0], [2, 0], 0),
        ([1, 0], [0, 3], 90),
        ([1, 0], [-1, 0], 180),
        ([[1, 1], [0, 0]], [[1, 0], [0, 0]], 45),
        ([1, 0], [1, 1e-9], np.degrees(1e-9)),
    ],
)
def test_angle(a, b, degrees):
    assert angle(np.array(a), np.array(b)) == pytest.approx(degrees, rel=1e-6, abs=1e-12)


def test_an_array_of_zeros_has_no_angle():
    assert angle(np.zeros(2), np.ones(2)) is None


def test_every_rule_reports_each_epoch_and_layer(looking_at):
    told: list[str] = []
    looking_at(plausibility, 200)
    learnings = plausibility.run(units=(8,), epochs=2, progress=told.append).values["learnings"]
    assert [line.partition(",")[0] for line in told] == [
        f"{rule}: epoch {epoch}/2" for rule in ("backprop", *ALTERNATIVES) for epoch in (1, 2)
    ]
    for each in learnings:
        assert len(each["errors"]) == 2
        assert {layer: len(degrees) for layer, degrees in each["angles"].items()} == {"hidden1": 3, "output": 3}
        assert each["angles"]["output"] == [0, 0, 0]  # the output layer's own update is the gradient
    assert learnings[0]["angles"]["hidden1"] == [0, 0, 0]
    assert all(min(each["angles"]["hidden1"]) > 1 for each in learnings[1:])


def test_measuring_leaves_the_training_alone(looking_at):
    config, data = configuration("feedback_alignment", (8,), 1, seed=1), looking_at(plausibility, 100)
    training = build.training(config, data)
    before = training.network.parameters.values.copy(), training.network.parameters.errors.copy()
    angles(config, training.network, np.ones((784, 3), np.float32), np.eye(10, dtype=np.float32)[:, :3])
    assert np.array_equal(training.network.parameters.values, before[0])
    assert np.array_equal(training.network.parameters.errors, before[1])


def test_epochs_of_backprop_are_counted():
    assert [count_until([0.5, 0.2, 0.1], error) for error in (0.6, 0.2, 0.15, 0.05)] == [1, 2, 3, None]


def test_a_layer_whose_update_is_zero_has_no_angle(looking_at):
    few = looking_at(plausibility, 20)
    looking_at(plausibility, 20, train=replace(few, images=np.zeros_like(few.images)))
    report = plausibility.run(units=(4,), epochs=1)
    assert report.values["learnings"][1]["angles"]["hidden1"] == [None, None]
    json.dumps(report.values, allow_nan=False)
    assert any("undefined" in row for part in report.parts if isinstance(part, Table) for row in part.rows)
    report.draw()


def test_only_the_rule_differs():
    one, other = (configuration(rule, (9, 8), 3, seed=4).model_dump() for rule in ALTERNATIVES)
    assert one["training"].pop("credit") != other["training"].pop("credit")
    assert one == other


def test_on_mnist_the_alternatives_learn_more_slowly():
    folder = os.environ.get("NNCLI_DATA_DIR")
    if not folder:
        pytest.skip("NNCLI_DATA_DIR is not set: no MNIST to train on")
    values = plausibility.run(epochs=6, data_dir=Path(folder)).values
    for each in values["learnings"][1:]:
        assert each["errors"][-1] < 0.1
        assert values["epochs_of_backprop"][each["rule"]] <= values["epochs"] / 2
        hidden = [each["angles"][layer] for layer in ("hidden1", "hidden2")]
        assert all(degrees < 90 for layer in hidden for degrees in layer[1:])
        assert sum(layer[-1] for layer in hidden) < sum(layer[0] for layer in hidden)
