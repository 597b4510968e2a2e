"""After the first step a training step allocates less than one hidden layer's buffer."""

import tracemalloc

import numpy as np
import pytest

from nncli.nn.local import Windows
from nncli.nn.network import Layer, Network, NetworkGraph
from nncli.optim.clipping import clip_norm, max_norm
from nncli.optim.optimizers import OPTIMIZERS

BATCH_SIZE, SHORT = 128, 80
HIDDEN_BYTES = 512 * BATCH_SIZE * 4


def peak_bytes(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def training(activation, loss, optimizer):
    """Give a function that trains 784-512-512-512-10 on one mini-batch of the size it is called with."""
    layers = [
        Layer("h0", 512, activation, local=Windows(8, 7)),
        Layer("h1", 512, activation, ("h0",), dropout_probability=0.5),
        Layer("h2", 512, activation, ("h1",), dropout_probability=0.5),
        Layer("out", 10, "linear", ("h2",)),
    ]
    network = Network(784, layers, input_drop_probability=0.2)
    network.initialize(np.random.default_rng(0))
    graph = NetworkGraph(network, loss, rng=np.random.default_rng(1), l2=1e-4, l1=1e-6)
    parameters = network.parameters
    moves = OPTIMIZERS[optimizer](parameters.size)
    rows = np.random.default_rng(2).random((BATCH_SIZE, 784), dtype=np.float32)
    targets = np.ascontiguousarray(np.eye(10, dtype=np.float32)[:, np.arange(BATCH_SIZE) % 10])

    def step(size):
        graph.forward(rows[:size].T, targets[:, :size])
        graph.backward()
        clip_norm(parameters.errors, 1e-3)
        moves.step(parameters.values, parameters.errors, 0.01)
        for layer in network.layers:
            max_norm(parameters.value(layer.weights), 0.5)

    return step


@pytest.mark.parametrize(
    ("activation", "loss", "optimizer"),
    [
        ("relu", "cross_entropy", "sgd"),
        ("tanh", "logistic_cross_entropy", "momentum"),
        ("logistic", "squared_error", "nesterov"),
        ("soft_relu", "cross_entropy", "adam"),
        ("linear", "cross_entropy", "adamw"),
    ],
)
def test_a_training_step_allocates_less_than_a_hidden_layer(activation, loss, optimizer):
    step = training(activation, loss, optimizer)
    step(BATCH_SIZE)
    peaks = {size: peak_bytes(lambda size=size: step(size)) for size in (BATCH_SIZE, SHORT, 1, BATCH_SIZE)}
    assert max(peaks.values()) < HIDDEN_BYTES, peaks
