"""The network in JAX: loss, optimizers and one step, as pure functions for `jit` and `scan`."""

from collections.abc import Callable
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from experiments.benchmarks.examples import Examples

State: TypeAlias = dict[str, Any]
Layers: TypeAlias = list[tuple[jax.Array, jax.Array]]
Updated: TypeAlias = tuple[Layers, list[Layers]]


def examples_of(examples: Examples) -> tuple[jax.Array, jax.Array]:
    """Return the examples on JAX's device: float32 (examples, pixels) and int32 (examples,)."""
    return jnp.asarray(examples.numbers()), jnp.asarray(examples.labels.astype(np.int32))


def initial_state(weights: list[npt.NDArray[np.float32]], optimizer: str) -> State:
    """Return the parameters, with weights (inputs, outputs), and the optimizer's state, all 0."""
    parameters = [(jnp.array(W.T), jnp.zeros(len(W), jnp.float32)) for W in weights]
    slots = {"sgd": 0, "momentum": 1, "adam": 2}[optimizer]
    return {
        "parameters": parameters,
        "slots": [jax.tree.map(jnp.zeros_like, parameters) for _ in range(slots)],
        "steps": jnp.zeros((), jnp.int32),
    }


def mean_loss(parameters: Layers, x: jax.Array, y: jax.Array) -> jax.Array:
    """Return the mean cross-entropy of a mini-batch, x (batch, pixels) and y (batch,)."""
    return cross_entropy(outputs(parameters, x), y)


def outputs(parameters: Layers, x: jax.Array) -> jax.Array:
    """Return the logits (batch, classes) of a mini-batch."""
    for W, b in parameters[:-1]:
        x = jax.nn.relu(x @ W + b)
    W, b = parameters[-1]
    return x @ W + b


def cross_entropy(logits: jax.Array, y: jax.Array) -> jax.Array:
    """Return the mean cross-entropy of logits (batch, classes) and labels y (batch,)."""
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))


def make_step(optimizer: str, rate: float) -> Callable[[State, jax.Array, jax.Array], tuple[State, jax.Array]]:
    """Return a function from a state and a mini-batch to the next state and the loss; `rate` is a constant in it."""

    def step(state: State, x: jax.Array, y: jax.Array) -> tuple[State, jax.Array]:
        loss, gradient = jax.value_and_grad(mean_loss)(state["parameters"], x, y)
        steps = state["steps"] + 1
        parameters, slots = UPDATES[optimizer](state["parameters"], gradient, state["slots"], rate, steps)
        return {"parameters": parameters, "slots": slots, "steps": steps}, loss

    return step


def _sgd(w: Layers, g: Layers, slots: list[Layers], rate: float, _steps: jax.Array) -> Updated:
    return jax.tree.map(lambda w, g: w - rate * g, w, g), slots


def _momentum(w: Layers, g: Layers, slots: list[Layers], rate: float, _steps: jax.Array) -> Updated:
    velocity = jax.tree.map(lambda v, g: 0.9 * v - rate * g, slots[0], g)
    return jax.tree.map(jnp.add, w, velocity), [velocity]


def _adam(w: Layers, g: Layers, slots: list[Layers], rate: float, steps: jax.Array) -> Updated:
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, slots[0], g)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, slots[1], g)
    bias1, bias2 = 1 - 0.9**steps, 1 - 0.999**steps
    moved = jax.tree.map(lambda w, m, v: w - rate * (m / bias1) / (jnp.sqrt(v / bias2) + 1e-8), w, first, second)
    return moved, [first, second]


UPDATES: dict[str, Callable[..., Updated]] = {"sgd": _sgd, "momentum": _momentum, "adam": _adam}
