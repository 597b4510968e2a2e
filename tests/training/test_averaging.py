"""Averages of the weights: the exponential one against PyTorch's; the loop's tests cover that of the last epochs."""

import json
from pathlib import Path

import numpy as np
import pytest

from nncli.engine.parameters import Parameters
from nncli.training.averaging import Exponential

RECIPES = json.loads((Path(__file__).parents[1] / "fixtures/torch_recipes.json").read_text(encoding="utf-8"))


def test_the_exponential_average_is_pytorchs():
    given = RECIPES["averaged"]
    weights = Parameters({"output.weights": (1, 4)}, np.float64)
    average = Exponential(weights, given["decay"])
    assert average.count(0, 0) == 0
    for step, values in enumerate(given["weights"], start=1):
        weights.values[...] = values
        average.after_step(step)
    assert average.count(0, 6) == 6
    assert average.parameters.values == pytest.approx(given["average"], rel=1e-12)


def test_a_training_evaluates_and_saves_its_exponential_average(small_training):
    training = small_training(training={"epochs": 1, "ema_decay": 0.5})
    average = None
    for _ in training.run():
        weights = training.network.parameters.values
        if training.progress.step and len(weights):
            average = training.evaluated.values
    assert average is not None
    assert average is not weights
    assert not np.allclose(average, weights)
