"""Every node under every loss, in every batch and topology: backward says what finite differences say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncli.engine.gradcheck import GradientCheck
from nncli.nn.activations import ACTIVATIONS, SoftReLU, Tanh
from nncli.nn.affine import Affine, Concatenate
from nncli.nn.arithmetic import Add, Cosine, Exp, Log, Multiply, Scale, Square, Subtract, Sum
from nncli.nn.dropout import Dropout
from nncli.nn.local import Local, Plane, Windows
from nncli.nn.losses import LOSSES, CrossEntropy
from nncli.nn.network import Layer, Network, NetworkGraph
from nncli.nn.regularizers import L1Penalty, L2Penalty

BATCHES = [(1, 4), (5, 2)]

# Each makes a node of (8, batch) from z and w, both (8, batch).
NODES = {name: lambda trial, z, w, node=node: node(z) for name, node in ACTIVATIONS.items()} | {
    "add": lambda trial, z, w: Add(z, w),
    "add twice": lambda trial, z, w: Add(z, z),
    "subtract": lambda trial, z, w: Subtract(z, w),
    "subtract twice": lambda trial, z, w: Subtract(z, z),
    "multiply": lambda trial, z, w: Multiply(z, w),
    "multiply twice": lambda trial, z, w: Multiply(z, z),
    "scale": lambda trial, z, w: Scale(z, -1.7),
    "square": lambda trial, z, w: Square(z),
    "exp": lambda trial, z, w: Exp(z),
    "log": lambda trial, z, w: Log(trial.add(SoftReLU(z))),
    "cosine": lambda trial, z, w: Cosine(z),
    "affine": lambda trial, z, w: Affine(trial.leaf["square"], z, trial.leaf["bias"]),
    "local": lambda trial, z, w: Local(
        trial.leaf["windows"], z, trial.leaf["bias"], plane=Plane(2, 2), windows=Windows(2, 1)
    ),
    "local, one window": lambda trial, z, w: Local(
        trial.leaf["square"], z, trial.leaf["bias"], plane=Plane(2, 2), windows=Windows(1, 2)
    ),
    "concatenate": lambda trial, z, w: Affine(trial.leaf["wide"], trial.add(Concatenate(z, w, z)), trial.leaf["bias"]),
    "batch norm": lambda trial, z, w: trial.batch_norm(z, training=True),
    "fixed batch norm": lambda trial, z, w: trial.batch_norm(z, training=False),
    "dropout": lambda trial, z, w: Dropout(z, 0.4, trial.dropout_rng),
    "no dropout": lambda trial, z, w: Dropout(z, 0.0, trial.dropout_rng),
}


@pytest.mark.parametrize("batches", BATCHES, ids=str)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("node", NODES)
def test_every_node_under_every_loss(new_trial, node, loss, batches):
    trial = new_trial(
        weights=(8, 3), bias=(8,), factor=(8, 3), square=(8, 8), wide=(8, 24), windows=(8, 2), gain=(8,), shift=(8,)
    )
    x = trial.examples(3)
    z = trial.add(Affine(trial.leaf["weights"], x, trial.leaf["bias"]))
    w = trial.add(Affine(trial.leaf["factor"], x, trial.leaf["bias"]))
    outputs = trial.add(NODES[node](trial, z, w))
    objective = trial.add(LOSSES[loss](outputs, trial.targets(8)))
    assert trial.disagreements(objective, *batches) == []


def deep_skip(trial, x):
    """Three layers of one shared weight matrix; the last reads all others and the input."""
    h1 = trial.add(Tanh(trial.add(Affine(trial.leaf["first"], x, trial.leaf["bias"]))))
    h2 = trial.add(Tanh(trial.add(Affine(trial.leaf["shared"], h1, trial.leaf["bias"]))))
    h3 = trial.add(Tanh(trial.add(Affine(trial.leaf["shared"], h2, trial.leaf["bias"]))))
    return trial.add(Affine(trial.leaf["last"], trial.add(Concatenate(h3, h1, x, h2, h1)), trial.leaf["out"]))


@pytest.mark.parametrize("needs_error", [True, False])
@pytest.mark.parametrize("batches", BATCHES, ids=str)
@pytest.mark.parametrize("l1", [0, 0.3])
@pytest.mark.parametrize("l2", [0, 0.2])
def test_skip_connections_shared_weights_and_penalties(new_trial, l1, l2, batches, needs_error):
    trial = new_trial(first=(4, 3), shared=(4, 4), bias=(4,), last=(5, 19), out=(5,))
    outputs = deep_skip(trial, trial.examples(3, needs_error=needs_error))
    objective = trial.add(CrossEntropy(outputs, trial.targets(5)))
    weights = [trial.leaf[name] for name in ("first", "shared", "last", "shared")]
    if l2:
        objective = trial.add(Add(objective, trial.add(L2Penalty(l2, *weights))))
    if l1:
        objective = trial.add(Add(objective, trial.add(L1Penalty(l1, *weights))))
    assert trial.disagreements(objective, *batches) == []


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_a_sum_of_scalars_and_a_loss_with_a_factor(new_trial, parts):
    trial = new_trial(weights=(4, 3), bias=(4,))
    z = trial.add(Affine(trial.leaf["weights"], trial.examples(3), trial.leaf["bias"]))
    objective = trial.add(Scale(trial.add(CrossEntropy(z, trial.targets(4))), 2.5))
    for _ in range(parts):
        objective = trial.add(Add(objective, trial.add(Sum(trial.add(Cosine(z))))))
    assert trial.disagreements(objective, 3, 1, 4) == []


def test_an_unused_parameter_has_derivative_zero(new_trial):
    trial = new_trial(weights=(4, 3), bias=(4,), idle=(2, 2))
    z = trial.add(Affine(trial.leaf["weights"], trial.examples(3), trial.leaf["bias"]))
    assert trial.disagreements(trial.add(CrossEntropy(z, trial.targets(4))), 3) == []
    assert not trial.parameters.error("idle").any()


@st.composite
def networks(draw):
    """A random directed acyclic graph of up to five layers, each reading any of those before it."""
    activations = st.sampled_from(["linear", "relu", "soft_relu", "logistic", "tanh"])
    names, layers = ["input"], []
    for name in [*"abcde"[: draw(st.integers(0, 4))], "output"]:
        inputs = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))
        units = 4 if name == "output" else draw(st.integers(1, 6))
        drop_probability = draw(st.sampled_from([0.0, 0.3]))
        layers.append(Layer(name, units, draw(activations), tuple(inputs), drop_probability))
        names.append(name)
    order = [*draw(st.permutations(layers[:-1])), layers[-1]]
    return Network(3, order, input_drop_probability=draw(st.sampled_from([0.0, 0.2])), dtype=np.float64)


@settings(derandomize=True)
@given(
    network=networks(),
    loss=st.sampled_from(sorted(LOSSES)),
    batches=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    l1=st.sampled_from([0.0, 0.1]),
    l2=st.sampled_from([0.0, 0.1]),
    seed=st.integers(0, 2**32),
)
def test_random_networks(network, loss, batches, l1, l2, seed):
    rng, masks = np.random.default_rng(seed), np.random.default_rng(seed)
    network.parameters.values[...] = rng.standard_normal(network.parameters.size)
    trained = NetworkGraph(network, loss, rng=masks, l1=l1, l2=l2)

    def repeat_masks():
        masks.bit_generator.state = state

    for size in batches:
        state = masks.bit_generator.state
        trained.forward(rng.standard_normal((3, size)), np.eye(4)[:, rng.integers(0, 4, size)])
        compared = GradientCheck(trained.graph, rng, repeat_masks).compare(network.parameters, samples=3)
        assert all(each.agrees for each in compared)
