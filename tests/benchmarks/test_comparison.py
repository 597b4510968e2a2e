"""Medians, ratios and the check of equal work."""

import pytest

from experiments.benchmarks.comparison import Measurement
from experiments.benchmarks.rows import Row


@pytest.fixture
def measurement() -> Measurement:
    return Measurement(
        Row((128,), 128),
        steps=391,
        examples=50_000,
        seconds={"nncli": [1.0, 2.0, 4.0], "peer": [4.0, 2.0, 8.0]},
        losses={"nncli": [2.0, 1.0], "peer": [2.0, 1.00005]},
        products=[10e9, 50e9, 20e9],
    )


def test_the_ratio_is_the_median_of_the_rounds_ratios_not_the_ratio_of_medians(measurement: Measurement) -> None:
    assert measurement.typical("nncli") == 2.0
    assert measurement.ratio("peer") == 0.5  # of 0.25, 1 and 0.5; the medians give 2 / 4
    measurement.seconds["peer"] = [10.0, 2.0, 1.0]
    assert measurement.ratio("peer") == 1.0  # of 0.1, 1 and 4; the medians would give 2 / 2
    measurement.seconds["peer"] = [10.0, 1.0, 5.0]
    assert measurement.ratio("peer") == 0.8  # of 0.1, 2 and 0.8; the medians would give 2 / 5


def test_what_was_not_measured_has_no_numbers(measurement: Measurement) -> None:
    assert measurement.typical("absent") is None
    assert measurement.ratio("absent") is None
    del measurement.seconds["nncli"]
    assert measurement.ratio("peer") is None
    assert measurement.achieved() is None
    assert measurement.share_of_peak() is None
    assert measurement.share_of_limit() is None


def test_the_share_of_peak_is_taken_of_the_best_product(measurement: Measurement) -> None:
    operations = Row((128,), 128).operations() * 50_000 / 2.0
    assert measurement.achieved() == operations
    assert measurement.share_of_peak() == operations / 50e9


def test_the_share_of_the_limit_is_taken_round_by_round(measurement: Measurement) -> None:
    measurement.seconds["limit"] = [0.5, 1.8, 1.0]
    assert measurement.share_of_limit() == 0.5  # of 0.5, 0.9 and 0.25


def test_the_work_is_equal_if_the_losses_are_to_rounding(measurement: Measurement) -> None:
    assert measurement.disagreement() == pytest.approx(5e-5)
    assert measurement.agrees()
    measurement.losses["other"] = [2.0, 0.99]
    assert measurement.disagreement() == pytest.approx(0.01)
    assert not measurement.agrees()


def test_a_loss_that_is_not_finite_agrees_with_nothing(measurement: Measurement) -> None:
    measurement.losses["peer"] = [2.0, float("nan")]
    assert not measurement.agrees()


def test_a_system_alone_agrees(measurement: Measurement) -> None:
    del measurement.losses["peer"]
    assert measurement.disagreement() is None
    assert measurement.agrees()


@pytest.mark.parametrize(("steps", "part"), [(391, 1.0), (36, 36 * 128 / 50_000)])
def test_the_part_of_an_epoch(measurement: Measurement, steps: int, part: float) -> None:
    measurement.steps = steps
    assert measurement.part == part
