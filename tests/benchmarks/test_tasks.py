"""The results of trainings to a target, and the same task for nncli and for its peers."""

import pytest

from experiments.benchmarks.tasks import (
    CONSTANT_TARGET,
    FIRST_EPOCH,
    TARGET,
    Attempt,
    Task,
    peak_megabytes,
    seconds_to_target,
    worst_error,
)
from nncli.config.load import from_mapping

ATTEMPTS = [Attempt(3.0, 200_000_000, 0.019), Attempt(1.0, 300_000_000, 0.02), Attempt(2.0, 100_000_000, 0.018)]


def test_the_time_to_the_target_is_the_median_if_every_attempt_reaches_it() -> None:
    assert seconds_to_target(ATTEMPTS) == 2.0


def test_one_attempt_above_the_target_is_enough_to_miss_it() -> None:
    missed = [*ATTEMPTS, Attempt(0.5, 0, 0.0201)]
    assert seconds_to_target(missed) is None
    assert worst_error(missed) == 0.0201


def test_the_peak_is_the_highest() -> None:
    assert peak_megabytes(ATTEMPTS) == 300


@pytest.mark.parametrize("task", [FIRST_EPOCH, TARGET, CONSTANT_TARGET])
def test_a_task_means_the_same_to_nncli_and_to_a_script(task: Task) -> None:
    config = from_mapping(task.configuration(seed=2))
    arguments = " ".join(task.arguments(seed=2))
    layers = config.model.layers
    assert config.data.validation == 0
    assert arguments == (
        f"--hidden {' '.join(str(layer.units) for layer in layers[:-1])} --batch {config.data.batch_size} "
        f"--optimizer {config.optimizer.name} --rate {config.optimizer.learning_rate} "
        f"--epochs {config.training.epochs} --schedule {config.schedule.name} --scale {config.data.scale} --seed 2"
    )
