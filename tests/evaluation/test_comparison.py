"""McNemar's test agrees with statsmodels, and Holm's method with its definition."""

import json
from pathlib import Path

import numpy as np
import pytest

from nncli.evaluation.comparison import holm, mcnemar

CASES = json.loads((Path(__file__).parents[1] / "fixtures/mcnemar.json").read_text(encoding="utf-8"))["cases"]


def wrongs(only_first, only_second, both=7, neither=100):
    first = np.repeat([True, False, True, False], [only_first, only_second, both, neither])
    second = np.repeat([False, True, True, False], [only_first, only_second, both, neither])
    return first, second


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['only_first']}-{case['only_second']}")
def test_the_p_value_is_that_of_statsmodels(case):
    found = mcnemar(*wrongs(case["only_first"], case["only_second"]))
    assert (found.only_first, found.only_second, found.both, found.examples) == (
        case["only_first"], case["only_second"], 7, case["only_first"] + case["only_second"] + 107,
    )  # fmt: skip
    assert found.exact == case["exact"]
    assert found.p_value == pytest.approx(case["p_value"], rel=1e-9)


def test_equal_predictions_cannot_be_told_apart():
    assert mcnemar(*wrongs(0, 0)).p_value == 1


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([], []),
        ([0.03], [0.03]),
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),  # 3 x 0.01, then 2 x 0.03, and no less than that for 0.04
        ([0.9, 0.5, 0.001], [1.0, 1.0, 0.003]),
    ],
)
def test_p_values_are_adjusted_for_their_number(p_values, adjusted):
    assert holm(p_values) == pytest.approx(adjusted)
