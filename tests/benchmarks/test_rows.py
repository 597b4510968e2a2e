"""The arithmetic of a row, and the length of a round."""

import pytest

from experiments.benchmarks.rows import DEEP, QUICK, ROWS, Row


def test_operations_are_three_products_a_layer_and_two_in_the_first() -> None:
    assert Row((128,), 32).operations() == 2 * (2 * 784 * 128) + 3 * (2 * 128 * 10)


@pytest.mark.parametrize(
    ("row", "steps", "times"),
    [
        (Row((128,), 128), 391, 4),  # 50,000 / 128, rounded up: the last mini-batch is short
        (Row((512, 512), 512), 98, 1),
        (Row(DEEP, 128), 36, 1),
    ],
)
def test_a_round_is_an_epoch_unless_that_is_too_short_or_too_long(row: Row, steps: int, times: int) -> None:
    assert (row.steps(50_000), row.times(50_000)) == (steps, times)


def test_every_row_is_named_once_and_the_quick_ones_are_among_them() -> None:
    assert len(set(ROWS)) == len(ROWS)
    assert set(QUICK) <= set(ROWS)
    assert ROWS[-1].network == "784-2500-2000-1500-1000-500-10"
