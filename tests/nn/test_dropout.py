"""Dropout silences the share it is told to, keeps the expectation, and sends the error signal through its mask."""

import numpy as np
import pytest

from nncli.engine.graph import BATCH, Graph, Input
from nncli.nn.arithmetic import Sum
from nncli.nn.dropout import Dropout


def build(drop_probability, rng, dtype=np.float64):
    graph = Graph(dtype)
    x = graph.add(Input((200, BATCH), needs_error=True))
    y = graph.add(Dropout(x, drop_probability, rng))
    graph.differentiate(graph.add(Sum(y)))
    x.value = np.ones((200, 100), dtype)
    graph.bind(100)
    return graph, x, y


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_the_share_dropped_and_the_expectation(p, dtype):
    graph, x, y = build(p, np.random.default_rng(0), dtype)
    graph.forward()
    graph.backward()
    deviation = np.sqrt(p * (1 - p) / 20_000)
    assert abs((y.value == 0).mean() - p) <= 4 * deviation
    np.testing.assert_allclose(np.unique(y.value[y.value != 0]), [1 / (1 - p)], rtol=1e-6)
    assert abs(y.value.mean() - 1) <= 4 * deviation / (1 - p) + 1e-6
    assert np.array_equal(x.error, y.value)  # both are the mask here


def test_each_forward_pass_draws_a_new_mask_from_the_generator():
    graph, _, y = build(0.5, np.random.default_rng(0))
    graph.forward()
    first = y.value.copy()
    graph.forward()
    assert not np.array_equal(y.value, first)
    again, _, same = build(0.5, np.random.default_rng(0))
    again.forward()
    assert np.array_equal(same.value, first)
