"""BLAS gets one thread for small networks, and the user's word stands."""

import pytest
import threadpoolctl  # type: ignore[import-untyped]

from nncli.training import threads


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture
def _two_threads():
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        if blas_threads() != {2}:
            pytest.skip("this BLAS cannot be given two threads here")
        yield


@pytest.mark.usefixtures("_two_threads")
@pytest.mark.parametrize(
    ("enough", "environment", "expected"),
    [
        (10**12, {}, {1}),
        (1, {}, {2}),
        (10**12, {"OMP_NUM_THREADS": "2"}, {2}),
        (10**12, {"OPENBLAS_NUM_THREADS": "2"}, {2}),
        (10**12, {"OMP_NUM_THREADS": ""}, {1}),
    ],
)
def test_one_thread_only_where_little_is_multiplied(small_training, monkeypatch, enough, environment, expected):
    monkeypatch.setattr(threads, "WORTH_THREADS", enough)
    with threads.chosen(small_training(), environment):
        assert blas_threads() == expected
    assert blas_threads() == {2}


def test_multiply_adds_of_a_step_by_hand(small_training):
    training = small_training()
    (weights,) = [training.network.parameters.shapes[layer.weights] for layer in training.network.layers[:1]]
    units, pixels = weights
    rest = sum(
        rows * columns * 3
        for rows, columns in (
            training.network.parameters.shapes[layer.weights] for layer in training.network.layers[1:]
        )
    )
    assert threads.multiply_adds(training) == (2 * units * pixels + rest) * training.batches.batch_size
