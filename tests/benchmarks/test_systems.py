"""The systems that need no other package than nncli's own."""

import numpy as np
import pytest

from experiments.benchmarks.comparison import TOLERANCES
from experiments.benchmarks.examples import Examples, first_batches, initial_weights
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems import limit, nncli_evaluation, nncli_loop, plain_numpy
from nncli.data import synthetic


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples(*synthetic.generate(150, 1))


@pytest.mark.parametrize("optimizer", TOLERANCES)
def test_plain_numpy_has_the_losses_of_nncli(examples: Examples, optimizer: str) -> None:
    row = Row((16, 12), 25, optimizer)
    batches = first_batches(row, 150, 5)
    ours, plain = (
        system.Trainer(row, examples, initial_weights(row)).losses(batches) for system in (nncli_loop, plain_numpy)
    )
    assert plain == pytest.approx(ours, rel=TOLERANCES[optimizer])


def test_plain_numpy_takes_a_shorter_last_mini_batch(examples: Examples) -> None:
    row = Row((16,), 64)
    trainer = plain_numpy.Trainer(row, examples, initial_weights(row))
    assert trainer.train(row.steps(150)) == 150
    assert all(np.isfinite(W).all() for W in trainer.W)


def test_the_limit_multiplies_what_a_step_multiplies() -> None:
    A, B, C = (np.random.default_rng(0).random(shape, np.float32) for shape in [(3, 4), (4, 5), (3, 5)])
    expected = 0.5 * C + 2 * A @ B
    limit.product(np.asfortranarray(A), B, C, keep=0.5, scale=2.0)()
    np.testing.assert_allclose(C, expected, rtol=1e-6)
    row = Row((16, 12), 25)
    weights = initial_weights(row)
    products = limit.step_products(row, weights)
    assert len(products) == 3 * len(weights) - 1  # no error signal of the input


def test_an_evaluation_is_that_of_the_network(examples: Examples) -> None:
    row = Row((16,), 40)
    weights = initial_weights(row)
    loss, error = nncli_evaluation.Trainer(row, examples, weights).losses(np.empty(0, np.int64))
    z = np.maximum(examples.numbers() @ weights[0].T, 0) @ weights[1].T
    of_labels = z[np.arange(150), examples.labels]
    assert loss == pytest.approx(np.mean(np.log(np.exp(z).sum(axis=1)) - of_labels), rel=1e-5)
    assert error == np.mean(z.argmax(axis=1) != examples.labels)
