"""Schedules as tables: the factor on the base rate at a given epoch."""

import json
import math
from pathlib import Path

import pytest

from nncli.optim import schedules

TABLE = [
    (schedules.constant, {}, {0: 1, 0.5: 1, 100: 1}),
    (schedules.step, {"every": 5, "factor": 0.1}, {0: 1, 4.99: 1, 5: 0.1, 9.5: 0.1, 10: 0.01, 17: 0.001}),
    (schedules.step, {"every": 1, "factor": 1.0}, {0: 1, 7.3: 1}),
    (schedules.exponential, {"decay": 0.5}, {0: 1, 0.9: 1, 1: 0.5, 1.5: 0.5, 3.2: 0.125}),
    (schedules.cosine, {"epochs": 10}, {0: 1, 2.5: (1 + math.sqrt(0.5)) / 2, 5: 0.5, 10: 0, 12: 0}),
    (schedules.cosine, {"epochs": 10, "final": 0.2}, {0: 1, 5: 0.6, 10: 0.2, 11: 0.2}),
    (schedules.one_cycle, {"epochs": 10, "rise": 0.2, "initial": 0.5}, {0: 0.5, 1: 0.75, 2: 1, 6: 0.5, 10: 0, 11: 0}),
    (schedules.warmup, {"warmup_epochs": 2.0}, {0: 0, 0.5: 0.25, 1: 0.5, 2: 1, 9: 1}),
    (schedules.warmup, {"warmup_epochs": 0}, {0: 1, 3: 1}),
]


@pytest.mark.parametrize(("schedule", "arguments", "factors"), TABLE)
def test_factors(schedule, arguments, factors):
    for epoch, factor in factors.items():
        assert schedule(epoch, **arguments) == pytest.approx(factor, rel=1e-12, abs=1e-12), epoch


def test_one_cycle_is_pytorchs():
    """PyTorch counts its steps from 0 to the last, and reaches the highest rate one step before 30% of their number."""
    recipes = json.loads((Path(__file__).parents[1] / "fixtures/torch_recipes.json").read_text(encoding="utf-8"))
    steps = recipes["one_cycle"]["steps"]
    last, rise = steps - 1, (0.3 * steps - 1) / (steps - 1)
    for step, rate in zip(range(0, last + 1, 100), recipes["one_cycle"]["rates"], strict=True):
        assert schedules.one_cycle(step, epochs=last, rise=rise, final=4e-6) == pytest.approx(rate, rel=1e-9)
