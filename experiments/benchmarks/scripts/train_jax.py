"""Train on MNIST with JAX, an epoch as one compiled scan: the work of `nncli train` in a short script."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
from task import MOMENTUM, parse, rates, read_mnist, save, scaled

Layers = list[tuple[jax.Array, jax.Array]]
State = tuple[Layers, Layers]


def mean_loss(layers: Layers, x: jax.Array, y: jax.Array) -> jax.Array:
    """Return the mean cross-entropy of a mini-batch."""
    for W, b in layers[:-1]:
        x = jax.nn.relu(x @ W + b)
    W, b = layers[-1]
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x @ W + b), y[:, None], axis=1))


def main() -> None:
    """Train, and write the weights."""
    arguments = parse()
    rng = np.random.default_rng(arguments.seed)
    images, labels = read_mnist(arguments.data, "train")
    x, y = jnp.asarray(scaled(images, arguments.scale)), jnp.asarray(labels.astype(np.int32))
    nesterov = arguments.optimizer == "nesterov"

    def step(state: State, given: tuple[jax.Array, jax.Array], x: jax.Array, y: jax.Array) -> tuple[State, None]:
        layers, velocity = state
        chosen, rate = given
        gradient = jax.grad(mean_loss)(layers, x[chosen], y[chosen])
        if not nesterov:
            return (jax.tree.map(lambda w, g: w - rate * g, layers, gradient), velocity), None
        velocity = jax.tree.map(lambda v, g: MOMENTUM * v - rate * g, velocity, gradient)
        layers = jax.tree.map(lambda w, v, g: w + MOMENTUM * v - rate * g, layers, velocity, gradient)
        return (layers, velocity), None

    def steps(state: State, x: jax.Array, y: jax.Array, batches: jax.Array, rates: jax.Array) -> State:
        return jax.lax.scan(lambda state, given: step(state, given, x, y), state, (batches, rates))[0]

    epoch = jax.jit(steps, donate_argnums=0)
    state = initial_state(rng, [x.shape[1], *arguments.hidden, 10], nesterov=nesterov)
    for of_epoch in rates(arguments, len(x)).reshape(arguments.epochs, -1):
        order = rng.permutation(len(x)).astype(np.int32)
        whole = len(x) // arguments.batch
        cut = whole * arguments.batch
        state = epoch(state, x, y, order[:cut].reshape(whole, -1), of_epoch[:whole])
        if cut < len(x):
            state = epoch(state, x, y, order[None, cut:], of_epoch[whole:])
    save(arguments.weights, [(np.asarray(W), np.asarray(b)) for W, b in state[0]])


def initial_state(rng: np.random.Generator, sizes: list[int], *, nesterov: bool) -> State:
    """Return weights drawn as in He et al., and with Nesterov's momentum a velocity of 0."""
    layers = [
        (jnp.asarray(rng.normal(0, (2 / m) ** 0.5, (m, n)), jnp.float32), jnp.zeros(n, jnp.float32))
        for m, n in pairwise(sizes)
    ]
    return layers, jax.tree.map(jnp.zeros_like, layers) if nesterov else []


if __name__ == "__main__":
    main()
