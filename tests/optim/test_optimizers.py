"""Optimizers against their papers' formulas, against PyTorch, and in blocks; planted mistakes do not pass."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from nncli.optim.optimizers import BLOCK, OPTIMIZERS, SGD, Adam, AdamW, Momentum, Nesterov

FIXTURE = Path(__file__).parents[1] / "fixtures" / "torch_gradients.npz"
with np.load(FIXTURE, allow_pickle=False) as recorded:
    IN_PYTORCH = json.loads(str(recorded["optimizers"]))  # name -> settings of those that PyTorch has


def sgd(w, gradients, rates):
    for g, rate in zip(gradients, rates, strict=True):
        w = w - rate * g
        yield w


def momentum(w, gradients, rates, mu=0.9):
    v = 0
    for g, rate in zip(gradients, rates, strict=True):
        v = mu * v - rate * g
        w = w + v
        yield w


def nesterov(w, gradients, rates, mu=0.9):
    """In Sutskever's variables: θ is the position, and g was taken at w = θ + μ v, the point looked ahead to."""
    v, theta = 0, w
    for g, rate in zip(gradients, rates, strict=True):
        v = mu * v - rate * g
        theta = theta + v
        yield theta + mu * v


@pytest.mark.parametrize("kind", [Momentum, Nesterov])
def test_the_momentum_rises_linearly(kind):
    optimizer = kind(2, np.float64, momentum=0.9, initial_momentum=0.5, ramp_epochs=4.0)
    seen = []
    for epoch in (0, 1, 2, 3.5, 4, 9):
        optimizer.at(epoch)
        seen.append(optimizer.mu)
    assert seen == pytest.approx([0.5, 0.6, 0.7, 0.85, 0.9, 0.9])
    optimizer.at(1)
    values, velocity = np.zeros(2), optimizer.slots["velocity"]
    velocity[...] = 1
    optimizer.step(values, np.zeros(2), 0.1)
    np.testing.assert_allclose(velocity, 0.6)


def adam(w, gradients, rates, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0):
    m, v = 0, 0
    for t, (g, rate) in enumerate(zip(gradients, rates, strict=True), start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        w = w - rate * m_hat / (np.sqrt(v_hat) + epsilon) - rate * weight_decay * w
        yield w


def adamw(w, gradients, rates, weight_decay=0.01, **arguments):
    return adam(w, gradients, rates, weight_decay=weight_decay, **arguments)


def lion(w, gradients, rates, beta1=0.9, beta2=0.99, weight_decay=0.0):
    m = 0
    for g, rate in zip(gradients, rates, strict=True):
        w = w - rate * (np.sign(beta1 * m + (1 - beta1) * g) + weight_decay * w)
        m = beta2 * m + (1 - beta2) * g
        yield w


TEXTBOOK = {"sgd": sgd, "momentum": momentum, "nesterov": nesterov, "adam": adam, "adamw": adamw, "lion": lion}

CASES = [
    *((name, {}) for name in OPTIMIZERS),
    ("momentum", {"momentum": 0.0}),
    ("momentum", {"momentum": 0.5}),
    ("nesterov", {"momentum": 0.99}),
    ("adam", {"beta1": 0.5, "beta2": 0.9, "epsilon": 0.1}),
    ("adam", {"beta1": 0.0}),
    ("adamw", {"weight_decay": 0.3, "epsilon": 1e-3}),
    ("adamw", {"weight_decay": 0.0}),
    ("lion", {"beta1": 0.95, "beta2": 0.98, "weight_decay": 0.3}),
]


def path(optimizer, w, gradients, rates):
    """Give the weights after each step, and check that the gradients are left alone."""
    w, kept = w.copy(), gradients.copy()
    points = []
    for g, rate in zip(gradients, rates, strict=True):
        optimizer.step(w, g, rate)
        points.append(w.copy())
    assert np.array_equal(gradients, kept)
    return np.array(points)


def problem(size=29, steps=25, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(size), rng.standard_normal((steps, size)), 0.1 / (1 + np.arange(steps))


def deviation(name, arguments, dtype=np.float64, size=29):
    """Give the largest distance of a path from the textbook's."""
    w, gradients, rates = problem(size)
    renamed = {"mu" if key == "momentum" else key: value for key, value in arguments.items()}
    expected = np.array(list(TEXTBOOK[name](w, gradients, rates, **renamed)))
    optimizer = OPTIMIZERS[name](size, dtype, **arguments)
    return np.abs(path(optimizer, w.astype(dtype), gradients.astype(dtype), rates) - expected).max()


@pytest.mark.parametrize(("name", "arguments"), CASES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 1e-4)])
def test_textbook(name, arguments, dtype, tolerance):
    assert deviation(name, arguments, dtype) < tolerance


@pytest.mark.parametrize("name", IN_PYTORCH)
def test_pytorch(name):
    with np.load(FIXTURE, allow_pickle=False) as arrays:
        start, gradients = arrays["optimizer/start"], arrays["optimizer/gradients"]
        expected, rate = arrays[f"optimizer/{name}"], float(arrays["optimizer/rate"])
    optimizer = OPTIMIZERS[name](start.size, np.float64, **IN_PYTORCH[name])
    rates = np.full(len(gradients), rate)
    np.testing.assert_allclose(path(optimizer, start, gradients, rates), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_blocks_do_not_show(name, size, dtype):
    """Each coordinate moves as it would in a short vector of its own, across every edge of a block."""
    w, gradients, rates = (array.astype(dtype) for array in problem(size, steps=3))
    whole = path(OPTIMIZERS[name](size, dtype), w, gradients, rates)
    for part in (slice(0, 50), slice(max(size - BLOCK - 25, 0), size - BLOCK + 50), slice(size - 50, size)):
        alone = path(OPTIMIZERS[name](w[part].size, dtype), w[part], gradients[:, part].copy(), rates)
        assert np.array_equal(whole[:, part], alone)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_state_carries_a_run_over(name):
    w, gradients, rates = problem()
    whole = path(OPTIMIZERS[name](w.size, np.float64), w, gradients, rates)
    first, second = OPTIMIZERS[name](w.size, np.float64), OPTIMIZERS[name](w.size, np.float64)
    half = path(first, w, gradients[:10], rates[:10])[-1]
    second.steps = first.steps
    assert second.slots.keys() == first.slots.keys()
    for slot, vector in first.slots.items():
        second.slots[slot][...] = vector
    assert np.array_equal(path(second, half, gradients[10:], rates[10:]), whole[10:])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_zero_gradient_from_rest_moves_nothing_but_decay(name):
    w = np.ones(4)
    OPTIMIZERS[name](4, np.float64).step(w, np.zeros(4), 0.5)
    assert w.tolist() == [0.995 if name == "adamw" else 1.0] * 4


def adam_like(formula):
    """Make an Adam update from a formula of the corrected moments, their corrections, t, w and ε."""

    def update(self, w, g, rate, work, m, v):
        m[...] = self.beta1 * m + (1 - self.beta1) * g
        v[...] = self.beta2 * v + (1 - self.beta2) * g**2
        c1, c2 = 1 - self.beta1**self.steps, 1 - self.beta2**self.steps
        w -= rate * formula(m, v, c1, c2, self.epsilon)

    return update


def nudge(formula):
    """Make an update from a formula that gives what to add to w, and changes the velocity in place."""

    def update(self, w, g, rate, work, *slots):
        w += formula(self, w, g, rate, *slots)

    return update


def roll(velocity, change):
    velocity[...] = change
    return velocity


MUTANTS = {
    "sgd: ascends": (SGD, "sgd", nudge(lambda s, w, g, rate: rate * g)),
    "sgd: forgets the rate": (SGD, "sgd", nudge(lambda s, w, g, rate: -g)),
    "sgd: a rate per coordinate count": (SGD, "sgd", nudge(lambda s, w, g, rate: -rate * g / g.size)),
    "momentum: forgets μ": (Momentum, "momentum", nudge(lambda s, w, g, rate, v: roll(v, v - rate * g))),
    "momentum: rate outside": (
        Momentum,
        "momentum",
        nudge(lambda s, w, g, rate, v: -rate * roll(v, s.momentum * v + g)),
    ),
    "momentum: damped": (
        Momentum,
        "momentum",
        nudge(lambda s, w, g, rate, v: roll(v, s.momentum * v - (1 - s.momentum) * rate * g)),
    ),
    "nesterov: no look ahead": (
        Nesterov,
        "nesterov",
        nudge(lambda s, w, g, rate, v: roll(v, s.momentum * v - rate * g)),
    ),
    "nesterov: forgets the gradient": (
        Nesterov,
        "nesterov",
        nudge(lambda s, w, g, rate, v: s.momentum * roll(v, s.momentum * v - rate * g)),
    ),
    "adam: no bias correction": (Adam, "adam", adam_like(lambda m, v, c1, c2, e: m / (np.sqrt(v) + e))),
    "adam: one bias correction": (Adam, "adam", adam_like(lambda m, v, c1, c2, e: m / c1 / (np.sqrt(v) + e))),
    "adam: corrections exchanged": (Adam, "adam", adam_like(lambda m, v, c1, c2, e: m / c2 / (np.sqrt(v / c1) + e))),
    "adam: ε inside the root": (Adam, "adam", adam_like(lambda m, v, c1, c2, e: m / c1 / np.sqrt(v / c2 + e))),
    "adam: ε not corrected": (
        Adam,
        "adam",
        adam_like(lambda m, v, c1, c2, e: m * math.sqrt(c2) / c1 / (np.sqrt(v) + e)),
    ),
    "adam: forgets the root": (Adam, "adam", adam_like(lambda m, v, c1, c2, e: m / c1 / (v / c2 + e))),
    "adamw: no decay": (AdamW, "adamw", Adam.update),
    "adamw: decay through the moments": (
        AdamW,
        "adamw",
        lambda self, w, g, *rest: Adam.update(self, w, g + self.weight_decay * w, *rest),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_planted_mistake_is_caught(monkeypatch, mutant):
    owner, name, update = MUTANTS[mutant]
    arguments = {"epsilon": 0.01} if name.startswith("adam") else {}
    assert deviation(name, arguments) < 1e-13
    monkeypatch.setattr(owner, "update", update)
    assert deviation(name, arguments) > 1e-3
