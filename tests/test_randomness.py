"""Streams of random numbers: the same for the same purpose, and independent of each other."""

import numpy as np
import pytest

from nncli.randomness import generator


def test_the_same_arguments_give_the_same_stream():
    first, again = (generator(3, "order", 7).random(100) for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize("other", [(4, "order", 7), (3, "dropout", 7), (3, "order", 8), (3, "order"), (2**63 - 1, "x")])
def test_another_seed_purpose_or_number_gives_another_stream(other):
    assert abs(np.corrcoef(generator(3, "order", 7).random(10_000), generator(*other).random(10_000))[0, 1]) < 0.05


def test_a_stream_stays_what_it_is_from_version_to_version():
    assert generator(1, "weights").integers(0, 1000, 5).tolist() == [11, 11, 313, 13, 61]
