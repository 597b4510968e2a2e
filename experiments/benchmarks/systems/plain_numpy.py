"""Plain NumPy: the loop that a careful student writes, with examples as rows and preallocated arrays."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from experiments.benchmarks.examples import SEED, Examples
from experiments.benchmarks.rows import Row

Floats = npt.NDArray[np.float32]


class Trainer:
    """Trains a ReLU network with softmax and cross-entropy; every array of a step but the examples is reused."""

    def __init__(self, row: Row, examples: Examples, weights: list[Floats]) -> None:
        self.x, self.y = examples.numbers(), examples.labels.astype(np.intp)
        self.batch, self.rate, self.rng = row.batch, np.float32(row.rate), np.random.default_rng(SEED)
        self.W = [np.ascontiguousarray(W.T) for W in weights]  # (inputs, outputs)
        self.b = [np.zeros(len(W), np.float32) for W in weights]
        self.d_W, self.d_b = [np.empty_like(W) for W in self.W], [np.empty_like(b) for b in self.b]
        self.values = [np.empty((row.batch, b.size), np.float32) for b in self.b]
        self.errors = [np.empty_like(value) for value in self.values]
        parameters, gradients = self.W + self.b, self.d_W + self.d_b
        self.update: Callable[[], None] = OPTIMIZERS[row.optimizer](parameters, gradients, self.rate)

    def step(self, chosen: npt.NDArray[np.int64]) -> float:
        """Follow the gradient of the examples with these indices, and return their mean loss."""
        n, y, last = len(chosen), self.y[chosen], len(self.W) - 1
        a = [self.x[chosen], *(value[:n] for value in self.values)]  # the input and each layer's output
        for i, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            np.matmul(a[i], W, out=a[i + 1])
            a[i + 1] += b
            if i < last:
                np.maximum(a[i + 1], 0, out=a[i + 1])
        z, d = a[-1], self.errors[-1][:n]
        z -= z.max(axis=1, keepdims=True)
        of_labels = z[np.arange(n), y]
        np.exp(z, out=d)
        total = d.sum(axis=1, keepdims=True)
        d /= total
        d[np.arange(n), y] -= 1
        d /= n
        for i in range(last, -1, -1):
            np.matmul(a[i].T, d, out=self.d_W[i])
            np.sum(d, axis=0, out=self.d_b[i])
            if i:
                below = self.errors[i - 1][:n]
                np.matmul(d, self.W[i].T, out=below)
                below *= a[i] > 0
                d = below
        self.update()
        return float((np.log(total).sum() - of_labels.sum()) / n)

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Take the first steps."""
        return [self.step(chosen) for chosen in batches]

    def train(self, steps: int) -> int:
        """Take the first steps of an epoch."""
        order = self.rng.permutation(len(self.x))[: steps * self.batch]
        for first in range(0, len(order), self.batch):
            self.step(order[first : first + self.batch])
        return len(order)


def sgd(parameters: list[Floats], gradients: list[Floats], rate: np.float32) -> Callable[[], None]:
    """Return a function that takes a step w ← w - α g."""

    def update() -> None:
        for w, g in zip(parameters, gradients, strict=True):
            g *= rate
            w -= g

    return update


def momentum(parameters: list[Floats], gradients: list[Floats], rate: np.float32) -> Callable[[], None]:
    """Return a function that takes a step v ← 0.9 v - α g, w ← w + v."""
    velocities = [np.zeros_like(w) for w in parameters]

    def update() -> None:
        for w, g, v in zip(parameters, gradients, velocities, strict=True):
            v *= np.float32(0.9)
            g *= rate
            v -= g
            w += v

    return update


def adam(parameters: list[Floats], gradients: list[Floats], rate: np.float32) -> Callable[[], None]:
    """Return a function that takes a step of Adam; `work` is a scratch array for each parameter."""
    first, second, works = ([np.zeros_like(w) for w in parameters] for _ in range(3))
    steps = 0

    def update() -> None:
        nonlocal steps
        steps += 1
        bias1, bias2 = 1 - 0.9**steps, 1 - 0.999**steps
        for w, g, m, v, work in zip(parameters, gradients, first, second, works, strict=True):
            m *= np.float32(0.9)
            np.multiply(g, np.float32(0.1), out=work)
            m += work
            v *= np.float32(0.999)
            np.square(g, out=work)
            work *= np.float32(0.001)
            v += work
            np.sqrt(v, out=work)
            work += np.float32(1e-8 * bias2**0.5)
            np.divide(m, work, out=work)
            work *= rate * np.float32(bias2**0.5 / bias1)
            w -= work

    return update


OPTIMIZERS = {"sgd": sgd, "momentum": momentum, "adam": adam}
